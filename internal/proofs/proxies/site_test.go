//go:build proxies

package proxies

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/postgres"
	"resetd/internal/testkit/smtpsink"
)

const guide = "../../../docs/operations.md"

// binary is the built program, the same for all tests.
var binary string

func TestMain(m *testing.M) { os.Exit(instance.Main(m, &binary)) }

// site is what the proxy and the instances of a test share.
type site struct {
	*testing.T
	db        testkit.Database
	env       map[string]string
	addr, url string // of the proxy
	dir       string
	cert, key string
}

func newSite(t *testing.T, db testkit.Database) *site {
	t.Helper()
	addr, err := loopback.FreeAddr(t.Context())
	dir := t.TempDir()
	s := &site{T: t, db: db, addr: addr, url: "https://" + strings.Replace(addr, "127.0.0.1", "localhost", 1), dir: dir, cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem")}
	s.must(err)
	testkit.WriteCertificate(t, s.cert, s.key, 1)
	s.env = map[string]string{
		"RESETD_DATABASE_URL": db.URL, "RESETD_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"RESETD_MAIL_URL": smtpsink.Start(t, smtpsink.Options{}).URL(), "RESETD_MAIL_FROM": "accounts@example.org",
		"RESETD_BASE_URL": s.url, "RESETD_TRUSTED_PROXIES": "127.0.0.1", "RESETD_LIMIT_IP": "0", "RESETD_LIMIT_ADDRESS": "0",
	}
	return s
}

// shown returns the block of a document that contains a text, with this site's files and
// with more replacements.
func (s *site) shown(file, language, text string, replace ...string) string {
	s.Helper()
	document, err := os.ReadFile(file)
	s.must(err)
	both := filepath.Join(s.dir, "both.pem")
	s.must(exec.CommandContext(s.Context(), "sh", "-c", `cat "$0" "$1" >"$2"`, s.cert, s.key, both).Run())
	files := []string{"/etc/ssl/accounts.example.org.pem", s.cert, "/etc/ssl/accounts.example.org.key", s.key, "/etc/haproxy/accounts.example.org.pem", both}
	for _, block := range regexp.MustCompile("(?ms)^```"+language+"\n(.*?)^```$").FindAllSubmatch(document, -1) {
		if strings.Contains(string(block[1]), text) {
			return strings.NewReplacer(append(files, replace...)...).Replace(string(block[1]))
		}
	}
	s.Fatalf("%s shows no configuration of %s with %q", file, language, text)
	return ""
}

// proxy starts a proxy with a configuration, whose path is its last argument.
func (s *site) proxy(name, config string, command ...string) {
	s.Helper()
	file := filepath.Join(s.dir, name)
	s.must(os.WriteFile(file, []byte(config), 0o600))
	var log strings.Builder
	cmd := exec.CommandContext(s.Context(), command[0], append(command[1:], file)...)
	cmd.Env = append(os.Environ(), "HOME="+s.dir)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = postgres.DiesWithParent(syscall.SIGTERM)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	s.must(cmd.Start())
	s.Cleanup(func() {
		_ = cmd.Wait() // reports the signal
		if s.Failed() {
			s.Logf("%s\n%s", config, &log)
		}
	})
	s.must(loopback.Await(s.Context(), s.addr))
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// visitor returns the connections of a visitor whose address is not the proxy's.
func (s *site) visitor() *http.Transport {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(visitorIP)}}
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", s.addr)
		},
		TLSClientConfig: insecure,
	}
}

func (s *site) count(where string) string {
	s.Helper()
	return s.db.Text(s.T, fmt.Sprintf(`SELECT CAST(count(*) AS text) FROM password_resets WHERE %s`, where))
}
