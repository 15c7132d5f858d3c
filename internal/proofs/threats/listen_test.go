package threats

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/webtest"
)

// The peer of a Unix socket is a proxy, so the visitor is in its header. The container's
// health check finds the socket.
func TestUnixSocketPassesOnTheVisitor(t *testing.T) {
	t.Parallel()
	s := prepare(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, vars{"LIMIT_IP": "1/1h", "ADDR": "unix:" + filepath.Join(t.TempDir(), "s.sock")})
	s.set(vars{"BASE_URL": "https://accounts.example.org"})
	cmd := instance.Command(t.Context(), binary, s.env, "serve")
	s.must(cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	b := webtest.New(t, "http://accounts.example.org")
	b.Client.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", s.env["RESETD_ADDR"][len("unix:"):])
	}}
	waitFor(t, func() bool { return instance.Command(t.Context(), binary, s.env, "healthcheck").Run() == nil })
	for _, c := range []struct {
		visitor string
		want    int
	}{{"203.0.113.1", http.StatusSeeOther}, {"203.0.113.2", http.StatusSeeOther}, {"203.0.113.1", http.StatusTooManyRequests}} {
		b.With("X-Forwarded-For", c.visitor).Request(nobody).Is(c.want)
	}
}

// With a certificate of its own, the service needs no proxy. A renewal needs no restart,
// nor do other files, which SIGHUP reads.
func TestServiceSpeaksTLS(t *testing.T) {
	t.Parallel()
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	settings := path("resetd.env")
	use := func(name string, serial int64) {
		testkit.WriteCertificate(t, path(name+".pem"), path(name+".key"), serial)
		text := "RESETD_TLS_CERT=" + path(name+".pem") + "\nRESETD_TLS_KEY=" + path(name+".key") + "\n"
		if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	use("first", 1)
	_, port, _ := net.SplitHostPort(addr)
	s := prepare(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, vars{"ADDR": addr, "BASE_URL": "https://localhost:" + port})
	cmd := instance.Command(t.Context(), binary, s.env, "--config", settings, "serve")
	s.must(cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	waitFor(t, func() bool {
		return instance.Command(t.Context(), binary, s.env, "--config", settings, "healthcheck").Run() == nil
	})
	if got := serialAt(t, addr); got != 1 {
		t.Errorf("got certificate %d, want 1", got)
	}
	testkit.WriteCertificate(t, path("first.pem"), path("first.key"), 2)
	waitFor(t, func() bool { return serialAt(t, addr) == 2 })
	use("second", 3)
	s.must(cmd.Process.Signal(syscall.SIGHUP))
	waitFor(t, func() bool { return serialAt(t, addr) == 3 })
	var out bytes.Buffer
	check := instance.Command(t.Context(), binary, s.env, "--config", settings, "check")
	check.Stdout = &out
	_ = check.Run()
	if !strings.Contains(out.String(), "note   certificate: it ends at") {
		t.Errorf("check does not tell that the certificate ends soon:\n%s", out.String())
	}
}

// systemd opens the socket and passes it on, so a restart loses no connection.
func TestSocketOfSystemd(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	s := prepare(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, vars{"ADDR": "127.0.0.1:1", "BASE_URL": "http://" + l.Addr().String()})
	cmd := instance.Command(t.Context(), "/bin/sh", s.env, "-c", `LISTEN_PID=$$ LISTEN_FDS=1; export LISTEN_PID LISTEN_FDS; exec "$0" serve`, binary)
	cmd.ExtraFiles = []*os.File{file}
	s.must(cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	_, _ = file.Close(), l.Close()
	if err := answers(t, l.Addr().String()); err != nil {
		t.Error(err)
	}
}

func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	for began := time.Now(); !done(); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("it did not happen within a minute")
		}
	}
}

// serialAt returns the number of the certificate that a server shows.
func serialAt(t *testing.T, addr string) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", addr, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}
