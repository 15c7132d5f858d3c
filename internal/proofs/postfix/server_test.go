//go:build postfix

package postfix

import (
	"os"
	"path/filepath"
	"testing"

	"resetd/internal/testkit/postfix"
)

// mailboxes are the existing ones. Other recipients of the domain are refused
// permanently, and recipients in the access table temporarily.
const mailboxes = `
virtual_mailbox_domains = example.org
virtual_mailbox_base = $config_directory/mail
virtual_mailbox_maps = texthash:$config_directory/mailboxes
smtpd_recipient_restrictions = check_recipient_access texthash:$config_directory/access, reject_unauth_destination
`

// server is a Postfix of a test.
type server struct {
	*testing.T
	*postfix.Server
}

// startServer runs Postfix until the test ends.
func startServer(t *testing.T) *server {
	t.Helper()
	mx, err := postfix.New(t.Context(), mailboxes)
	s := &server{t, mx}
	s.must(err)
	t.Cleanup(func() { s.must(mx.Close()) })
	s.must(mx.Write("mailboxes", "user@example.org user/\nlater@example.org later/\n"))
	s.refuseLater("later@example.org 450 4.2.0 Greylisted, please come back\n")
	s.must(mx.Start(t.Context()))
	return s
}

// refuseLater sets the table of recipients that are refused for now.
func (s *server) refuseLater(table string) { s.Helper(); s.must(s.Write("access", table)) }

func (s *server) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// mailbox returns the emails in a Maildir.
func (s *server) mailbox(name string) (mails []string) {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.Dir, "mail", name, "new", "*"))
	s.must(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		s.must(err)
		mails = append(mails, string(text))
	}
	return mails
}
