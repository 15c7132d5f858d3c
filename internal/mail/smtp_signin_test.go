package mail

import (
	"encoding/base64"
	"net"
	"net/textproto"
	"strings"
	"testing"
)

// oldServer starts a server for one email that offers sign-in in the form before RFC 2554.
func oldServer(t *testing.T, offer string) (addr string, signedIn <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	credentials := make(chan string, 1)
	go func() {
		defer close(credentials)
		raw, err := listener.Accept()
		if err != nil {
			return
		}
		conn := textproto.NewConn(raw)
		defer func() { _ = conn.Close() }()
		ask := func(reply string) string {
			_ = conn.PrintfLine("%s", reply)
			line, _ := conn.ReadLine()
			return line
		}
		ask("220 old.example.org ESMTP")
		if line := ask("250-old.example.org\r\n250 " + offer); !strings.HasPrefix(line, "AUTH LOGIN") {
			return
		}
		user, password := ask("334 VXNlcm5hbWU6"), ask("334 UGFzc3dvcmQ6")
		_ = conn.PrintfLine("235 welcome")
		credentials <- user + " " + password
		_, _ = conn.ReadLine()
	}()
	return listener.Addr().String(), credentials
}

func TestSignInOfferedInTheOldForm(t *testing.T) {
	for _, offer := range []string{"AUTH=LOGIN PLAIN", "AUTH=LOGIN"} {
		addr, signedIn := oldServer(t, offer)
		conn, err := transport(t, "smtp://"+addr+"?starttls=off", "user", "secret").Open(t.Context())
		if err != nil {
			t.Errorf("%s: %v", offer, err)
			continue
		}
		encode := base64.StdEncoding.EncodeToString
		if got, want := <-signedIn, encode([]byte("user"))+" "+encode([]byte("secret")); got != want {
			t.Errorf("%s: got %q, want %q", offer, got, want)
		}
		_ = conn.Close()
	}
}
