package mariadb

import (
	"net"
	"os"
	"testing"
)

func TestServerEndsWithItsFiles(t *testing.T) {
	s, err := Start(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	s.Close()
	if _, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr()); err == nil {
		t.Error("the server still listens")
	}
	if _, err := os.Stat(s.dir); err == nil {
		t.Error("its folder is still there")
	}
}
