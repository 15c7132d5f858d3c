//go:build postfix

package postfix

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
	"time"

	"resetd/internal/testkit/loopback"
)

// server is a Postfix with a separate folder and port.
type server struct {
	*testing.T
	dir  string // of its configuration, its queue and its mailboxes
	addr string
}

// The existing mailboxes. Other recipients of the domain are refused permanently, and
// recipients in the access table temporarily.
const (
	mainCf = `
compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
maillog_file = %[1]s/postfix.log
maillog_file_prefixes = %[1]s
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.org
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = texthash:%[1]s/mailboxes
virtual_uid_maps = static:%[2]s
virtual_gid_maps = static:%[3]s
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_tls_cert_file = %[1]s/cert.pem
smtpd_tls_key_file = %[1]s/key.pem
smtpd_recipient_restrictions = check_recipient_access texthash:%[1]s/access, reject_unauth_destination
`
	masterCf = `
%s inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
`
)

// startServer runs Postfix until the test ends.
func startServer(t *testing.T) *server {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("Postfix needs root: sudo make test-postfix")
	}
	dir, err := os.MkdirTemp("", "resetd-postfix-*") //nolint:usetesting // Postfix's daemons can't enter t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &server{T: t, dir: dir}
	s.configure()
	s.run("postfix", "start")
	t.Cleanup(func() { s.run("postfix", "stop") })
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(50 * time.Millisecond) {
		if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.addr); err == nil {
			_ = conn.Close()
			return s
		}
	}
	s.Fatalf("Postfix does not answer:\n%s", s.read("postfix.log"))
	return nil
}

func (s *server) configure() {
	s.Helper()
	var err error
	s.addr, err = loopback.FreeAddr(s.Context())
	s.must(err)
	owner, err := user.Lookup("postfix")
	s.must(err)
	s.must(os.Chmod(s.dir, 0o755))
	for _, folder := range []string{"queue", "data", "mail"} {
		s.must(os.Mkdir(filepath.Join(s.dir, folder), 0o755))
	}
	for _, folder := range []string{"data", "mail"} {
		s.command("chown", "-R", "postfix", filepath.Join(s.dir, folder))
	}
	s.write("main.cf", fmt.Sprintf(mainCf, s.dir, owner.Uid, owner.Gid))
	s.write("master.cf", fmt.Sprintf(masterCf, s.addr))
	s.write("mailboxes", "user@example.org user/\nlater@example.org later/\n")
	s.write("access", "later@example.org 450 4.2.0 Greylisted, please come back\n")
	s.command("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mx.example.org",
		"-addext", "subjectAltName=IP:127.0.0.1", "-keyout", filepath.Join(s.dir, "key.pem"), "-out", filepath.Join(s.dir, "cert.pem"))
}

// run runs a Postfix command on this server.
func (s *server) run(name, verb string) { s.Helper(); s.command(name, "-c", s.dir, verb) }

func (s *server) command(name string, args ...string) {
	s.Helper()
	if out, err := exec.CommandContext(context.Background(), name, args...).CombinedOutput(); err != nil {
		s.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func (s *server) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *server) write(name, text string) {
	s.Helper()
	s.must(os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644))
}

func (s *server) read(name string) string {
	text, _ := os.ReadFile(filepath.Join(s.dir, name))
	return string(text)
}

// mailbox returns the mails in a Maildir.
func (s *server) mailbox(name string) (mails []string) {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.dir, "mail", name, "new", "*"))
	s.must(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		s.must(err)
		mails = append(mails, string(text))
	}
	return mails
}
