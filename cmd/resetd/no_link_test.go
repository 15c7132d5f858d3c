package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/staff"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

const (
	closedText = "Your account is closed. Write to support@example.org."
	ssoText    = "You sign in with Example SSO here."
)

func explains(v *config.Settings, _ *config.Secrets) {
	v.MailInactive, v.MailNoPassword = closedText, ssoText
}

// An account that gets no link gets the operator's reason, and everybody the same
// answer.
func TestAccountWithoutALinkIsToldWhy(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		s.user("sso@example.org", func(u *users.User) { u.PasswordHash = "" })
		agent := s.member("vera", staff.Viewer)
		for _, c := range []struct{ email, withheld, text, verdict string }{
			{"inactive@example.org", "inactive", closedText, "The account was inactive"},
			{"SSO@example.org", "no_password", ssoText, "The account had no password of its own"},
		} {
			before := len(s.mails())
			s.clock.Add(time.Minute)
			s.browser().Post("/password-reset", "email", c.email).Is(http.StatusSeeOther).To("/password-reset/done")
			mails := s.mails()
			if len(mails) != before+1 {
				s.Fatalf("%s: %d emails came, want 1", c.email, len(mails)-before)
			}
			m := mails[before]
			text := strings.Join(strings.Fields(m.Text(s)), " ")
			if m.To[0] != strings.ToLower(c.email) || !strings.Contains(text, c.text) || strings.Contains(text, "/password-reset/") {
				s.Errorf("%s: to %v, with the text %q", c.email, m.To, text)
			}
			if r := s.resets()[0]; string(r.Withheld) != c.withheld || r.Mail != "" || r.AccountState != "" {
				s.Errorf("%s: %+v", c.email, r)
			}
			s.newestPage(agent).Says(c.verdict, "An email to its owner explains why", "The email was accepted by")
		}
		before := len(s.mails())
		s.browser().Post("/password-reset", "email", "nobody@example.org").Is(http.StatusSeeOther)
		if n := len(s.mails()) - before; n != 0 {
			s.Errorf("%d emails for an unknown address", n)
		}
	}, explains)
}

// A reason that does not apply any more is not sent.
func TestOldReasonIsNotSent(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "later"})
		s.browser().Post("/password-reset", "email", "inactive@example.org").Is(http.StatusSeeOther)
		s.eventually("the first attempt", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_events WHERE kind = 'deferred'`) == "1"
		})
		s.db.SQL(s.T, `UPDATE users SET active = true`)
		s.sink.RemoveRules()
		s.clock.Add(time.Minute)
		s.app.worker.Wake()
		s.sent(0)
		s.newestPage(s.member("vera", staff.Viewer)).Says("the reason did not apply any more")
	}, explains)
}
