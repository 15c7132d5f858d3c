package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"resetd/internal/config"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

func TestEmailHasTextAndHTMLWithTheLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org", func(u *users.User) { u.Name = `O'Example & <Sons>` })
		link := s.ask("user@example.org")
		m := s.mails()[0]
		parts := m.Parse(s).GetParts()
		if parts[0].GetContentType() != mail.TypeTextPlain || parts[1].GetContentType() != mail.TypeTextHTML {
			s.Errorf("parts: %v, %v; want text, HTML", parts[0].GetContentType(), parts[1].GetContentType())
		}
		text, html := m.Text(s), m.HTML(s)
		if !strings.Contains(text, link) || !strings.Contains(html, link) {
			s.Error("the link is not in both parts")
		}
		if entity := regexp.MustCompile(`&[a-z#0-9]+;`).FindString(text); entity != "" || !strings.Contains(text, `O'Example & <Sons>`) {
			s.Errorf("the plain text contains %q:\n%s", entity, text)
		}
		if strings.Contains(html, "<Sons>") || !strings.Contains(html, "&lt;Sons&gt;") {
			s.Error("the name is not escaped in the HTML")
		}
		for _, remote := range []string{"<img", "src=", "url(", "<link", "<script"} {
			if strings.Contains(html, remote) {
				s.Errorf("the HTML contains %s", remote)
			}
		}
	})
}

func TestEmailHeaders(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org", func(u *users.User) { u.Name = "Line\r\nBcc: evil@example.com" })
		s.ask("user@example.org")
		m := s.mails()[0]
		head, _, _ := strings.Cut(m.Data, "\r\n\r\n")
		for _, want := range []string{`(?m)^Message-I[Dd]: <[0-9a-f-]+@example\.org>\r?$`, `(?m)^Date: `, `(?m)^Auto-Submitted: auto-generated\r?$`, `(?m)^Subject: \S`, `(?m)^To: `} {
			if len(regexp.MustCompile(want).FindAllString(head, -1)) != 1 {
				s.Errorf("want one %s in the headers:\n%s", want, head)
			}
		}
		if regexp.MustCompile(`(?mi)^bcc:`).MatchString(head) || len(m.To) != 1 {
			s.Errorf("a name added a header or a recipient:\n%s", head)
		}
		if !m.TLS {
			s.Error("the email was sent unencrypted")
		}
	})
}

func TestEmailContainsRequesterAndLifetime(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser().With("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
		b.Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		text := s.mails()[0].Text(s)
		for _, want := range []string{"Example User", "127.0.0.1", "07:08 UTC", "30 minutes", "07:38 UTC", "Firefox", "Windows"} {
			if !strings.Contains(text, want) {
				s.Errorf("the email does not contain %q:\n%s", want, text)
			}
		}
	}, func(v *config.Settings, _ *config.Secrets) { v.LinkLifetime = "30m" })
}

func TestOwnerIsNotifiedOfANewPassword(t *testing.T) {
	eachSite(t, func(s *site) {
		b, form := s.opened("user@example.org")
		s.clock.Add(5 * time.Minute)
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
		mails := s.mails()
		if len(mails) != 2 || mails[1].To[0] != "user@example.org" {
			s.Fatalf("got %d emails, want a link and a notice", len(mails))
		}
		text := mails[1].Text(s)
		for _, want := range []string{"127.0.0.1", "07:13 UTC", s.url + "/password-reset"} {
			if !strings.Contains(text, want) {
				s.Errorf("the notice does not contain %q:\n%s", want, text)
			}
		}
		if strings.Contains(text, "/confirm/") || strings.Contains(text, newPassword) {
			s.Errorf("the notice contains a secret:\n%s", text)
		}
	})
}

// Names and User-Agents come from strangers, who must not be able to write lines into
// the log.
func TestLogAndDatabaseContainNoSecrets(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser().With("User-Agent", "Agent\tof Example")
		link := s.ask("user@example.org")
		form := b.OpenLink(link)
		b.Choose(form, "short", "short").Is(http.StatusUnprocessableEntity)
		b.Get("/password-reset?email=user@example.org&token=" + link)
		b.login("user@example.org", "wrong-secret")
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
		b.login("user@example.org", newPassword).Is(http.StatusSeeOther)
		s.mails()
		token := link[strings.LastIndex(link, "/")+1:]
		for _, secret := range []string{token, "user@example.org", "example.org", "wrong-secret", newPassword, "Example User", "Agent", b.Cookie("resetd_session"), "argon2id"} {
			if strings.Contains(s.log.String(), secret) {
				s.Errorf("%q is in the log:\n%s", secret, s.log)
			}
		}
		if !strings.Contains(s.log.String(), `"route":"/password-reset/confirm/:token"`) {
			s.Error("the log does not name the route")
		}
		for _, table := range []string{"password_resets", "reset_deliveries", "reset_events", "reset_sessions", "users"} {
			if dump := s.dump(table); strings.Contains(dump, token) || strings.Contains(dump, newPassword) {
				s.Errorf("a secret is in %s", table)
			}
		}
	})
}

// dump returns all rows of a table as text.
func (s *site) dump(table string) string {
	s.Helper()
	if s.db.Name == "postgres" {
		return s.db.Text(s.T, `SELECT coalesce(string_agg(CAST(t AS text), chr(10)), '') FROM `+table+` t`)
	}
	columns := s.db.Text(s.T, `SELECT group_concat('coalesce(' || name || ', '''')', ' || '' '' || ') FROM pragma_table_info('`+table+`')`)
	return s.db.Text(s.T, `SELECT group_concat(`+columns+`, char(10)) FROM `+table)
}

// A mail server that is slow before the text gets an email that says what is true then, and
// none whose link is almost over.
func TestSlowMailServerGetsNoDeadLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		after := func(d time.Duration) {
			s.sink.RemoveRules()
			s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Times: 1, When: func() bool { s.clock.Add(d); return false }})
			s.browser().Request("user@example.org")
			s.settled()
		}
		after(20 * time.Second)
		if text := s.mails()[0].Text(s); !strings.Contains(text, "That is less than a minute after") {
			s.Errorf("got:\n%s", text)
		}
		after(44 * time.Second)
		s.sent(2)
		after(46 * time.Second)
		s.sent(2)
		s.stored(`SELECT count(*) FROM password_resets WHERE mail = 'failed'`, "1")
		s.stored(`SELECT count(*) FROM reset_deliveries WHERE last_reply = 'it could not be sent in time'`, "1")
	}, func(v *config.Settings, _ *config.Secrets) { v.LinkLifetime = "1m" }) // shorter than a lease, which the clock must not end
}
