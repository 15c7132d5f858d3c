package threats

import (
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit/smtpsink"
)

// A network that removes STARTTLS from the server's reply must get neither the link nor
// the password for the server.
func TestStartTLSStripped(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		s.program.Kill()
		stripped := smtpsink.Start(s.T, smtpsink.Options{Security: smtpsink.Clear, User: "resetd", Password: "mail-server-password"})
		s.set(vars{"MAIL_URL": "smtp://" + stripped.Addr(), "MAIL_USER": "resetd", "MAIL_PASSWORD": "mail-server-password"})
		s.restart()
		s.browser().Request(user).To("/password-reset/done")
		s.eventually("the email was tried", func() bool {
			return s.db.Text(s.T, `SELECT max(last_reply) FROM reset_deliveries`) != ""
		})
		heard := stripped.Heard()
		for _, secret := range []string{"MAIL FROM", "RCPT", "AUTH", "user@", "mail-server-password"} {
			if strings.Contains(heard, secret) {
				s.Errorf("%q was sent unencrypted", secret)
			}
		}
		if len(stripped.Messages()) != 0 || !strings.HasPrefix(heard, "EHLO ") {
			s.Errorf("%d emails, and the server received %d bytes; want only a greeting", len(stripped.Messages()), len(heard))
		}
		s.is("1", queueLength)
		if reply := s.db.Text(s.T, `SELECT last_reply FROM reset_deliveries`); !strings.Contains(reply, "STARTTLS") {
			s.Errorf("the record contains %q, want the problem", reply)
		}
		// In another network the waiting mail is sent.
		s.program.Kill()
		s.set(vars{"MAIL_URL": s.sink.URL(), "MAIL_USER": "", "MAIL_PASSWORD": ""})
		s.restart()
		s.dueNow()
		s.browser().finish(s.linkIn(s.wantMails(1, user)[0]), newPassword)
	})
}

// dueNow ends all waits and leases of emails.
func (s *service) dueNow() {
	s.Helper()
	s.eventually("the emails are due", func() bool { // the worker may cause a deadlock
		return s.db.TrySQL(s.T, `UPDATE reset_deliveries SET next_attempt_at = `+at(-time.Second)+` WHERE next_attempt_at IS NOT NULL`) == nil
	})
}
