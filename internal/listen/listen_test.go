package listen

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
)

func TestCertificateIsReadAgainWhenItChanges(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if _, err := NewCertificate(certFile, keyFile); err == nil {
		t.Error("missing files are no error")
	}
	testkit.WriteCertificate(t, certFile, keyFile, 1)
	c, err := NewCertificate(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	serial := func() int64 {
		now = now.Add(lookInterval)
		return c.newest(now).Leaf.SerialNumber.Int64()
	}
	if got := serial(); got != 1 {
		t.Errorf("got certificate %d, want 1", got)
	}
	other := filepath.Join(dir, "other.pem")
	testkit.WriteCertificate(t, certFile, other, 2) // the key is still the old one
	if got := serial(); got != 1 {
		t.Errorf("with a key that does not match: got certificate %d, want the one before", got)
	}
	if err := os.Rename(other, keyFile); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("after the renewal: got certificate %d, want 2", got)
	}
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	if got := serial(); got != 2 {
		t.Errorf("without the file: got certificate %d, want 2", got)
	}
}

// A service may start with a certificate that has ended, because its renewal may come.
func TestEndOfTheCertificateIsLogged(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	testkit.WriteCertificate(t, certFile, keyFile, 1)
	c, err := NewCertificate(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c.LogTo(slog.New(slog.NewTextHandler(&log, nil)))
	if log.Len() > 0 {
		t.Errorf("a valid certificate is logged: %s", &log)
	}
	c.reportEnd(time.Now().Add(2 * time.Hour))
	if !strings.Contains(log.String(), "the certificate has ended") {
		t.Errorf("the log lacks the end of the certificate: %q", &log)
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "resetd.sock")
	addr := "unix:" + path
	for range 2 { // the second finds the socket of a killed process
		l, err := Open(t.Context(), addr)
		if err != nil {
			t.Fatal(err)
		}
		server := http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })}
		go func() { _ = server.Serve(l) }()
		if err := Healthy(t.Context(), addr, false); err != nil {
			t.Error(err)
		}
		if _, err := Open(t.Context(), addr); err == nil {
			t.Error("a socket at which somebody listens was taken over")
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != socketMode {
			t.Errorf("mode %v %v, want %o", info.Mode(), err, socketMode)
		}
		l.(interface{ SetUnlinkOnClose(bool) }).SetUnlinkOnClose(false)
		_ = server.Close()
	}
	if err := Healthy(t.Context(), addr, false); err == nil {
		t.Error("a dead socket is healthy")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), "unix:"+file); err == nil {
		t.Error("a file was replaced by a socket")
	}
}
