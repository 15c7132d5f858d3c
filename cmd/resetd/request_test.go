package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

func TestRequestFormIsAPage(t *testing.T) {
	eachSite(t, func(s *site) {
		p := s.browser().Get("/password-reset").Is(http.StatusOK)
		p.Has("title", 1).Has("h1", 1).Has(`main form[method="post"][action="/password-reset"]`, 1)
		p.Has(`input[name="email"][type="text"][inputmode="email"][autocomplete="username"][spellcheck="false"]`, 1)
		if strings.TrimSpace(p.Find("title").Text()) == "" || strings.TrimSpace(p.Find("h1").Text()) == "" {
			s.Errorf("title %q, heading %q", p.Find("title").Text(), p.Find("h1").Text())
		}
	})
}

func TestRequestWithAMalformedAddressShowsTheForm(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, typed := range []string{"", "  ", "user", "user@", "@example.org", "\u200b", "us\x07er@example.org", "user@example.org\x1b", strings.Repeat("x", 243) + "@example.org", strings.Repeat("ä", 130) + "@example.org", `"><script>`} {
			p := s.browser().Post("/password-reset", "email", typed).Is(http.StatusUnprocessableEntity)
			p.Has(`input[name="email"][aria-invalid="true"]`, 1).Has(`[role="alert"] a[href="#email"]`, 1)
			if got := p.Field("email"); got != typed {
				s.Errorf("typed %q: the form shows %q", typed, got)
			}
			if title := p.Find("title").Text(); !strings.HasPrefix(title, "Error:") {
				s.Errorf("title: got %q, want it to begin with Error:", title)
			}
			if long := strings.Contains(p.Find(`[role="alert"]`).Text(), "254 characters; letters with accents count as two"); long != (len(typed) > 254) {
				s.Errorf("typed %q: the length is called wrong: %t", typed, long)
			}
		}
		if rows, mails := len(s.resets()), len(s.mails()); rows != 0 || mails != 0 {
			s.Errorf("got %d rows and %d emails, want none", rows, mails)
		}
	})
}

func TestRequestSendsToTheStoredAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.db.SQL(s.T, `UPDATE users SET email = 'User@Example.org'`)
		s.browser().Post("/password-reset", "email", "  uSER@exAMPLE.org\t").Is(http.StatusSeeOther)
		mails := s.mails()
		if len(mails) != 1 || mails[0].To[0] != "User@Example.org" {
			s.Errorf("got %v, want one email to the stored address", mails)
		}
	})
}

func TestRequestWithALookAlikeSendsNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("mike@example.org")
		s.db.SQL(s.T, `INSERT INTO users (id, email, password_hash, created_at)
			SELECT '00000000-0000-4000-8000-000000000001', 'lıam@example.org', password_hash, created_at FROM users`)
		for _, typed := range []string{"mıke@example.org", "liam@example.org"} {
			s.browser().Post("/password-reset", "email", typed).Is(http.StatusSeeOther)
		}
		if mails := s.mails(); len(mails) != 0 {
			s.Errorf("got %d emails, want none", len(mails))
		}
		for _, r := range s.resets() {
			if r.Withheld != reset.WithheldNoAccount {
				s.Errorf("%s: withheld because of %q, want no_account", r.Email, r.Withheld)
			}
		}
	})
}

func TestWithheldRequestsAreRecorded(t *testing.T) {
	eachSite(t, func(s *site) {
		inactive := s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		fresh := s.user("new@example.org", func(u *users.User) { u.PasswordHash = "" })
		for _, email := range []string{"inactive@example.org", "new@example.org"} {
			s.browser().Post("/password-reset", "email", email).Is(http.StatusSeeOther)
			s.clock.Add(time.Second)
		}
		if mails := s.mails(); len(mails) != 0 {
			s.Errorf("got %d emails, want none", len(mails))
		}
		rows := s.resets()
		if rows[1].Withheld != reset.WithheldInactive || rows[1].UserID != inactive.ID {
			s.Errorf("inactive: got %+v", rows[1])
		}
		if rows[0].Withheld != reset.WithheldNoPassword || rows[0].UserID != fresh.ID {
			s.Errorf("without password: got %+v", rows[0])
		}
	})
}

// severalAccounts is a directory in which an address is not unique.
const severalAccounts = `
hash         = "argon2id"
find         = "SELECT login AS id, email, login AS name, hash AS password_hash, enabled AS active FROM members WHERE lower(email) IN (lower($1), $2)"
get          = "SELECT login AS id, email, login AS name, hash AS password_hash, enabled AS active FROM members WHERE login = $1"
set_password = "UPDATE members SET hash = $2 WHERE login = $1 AND hash = $3"
`

func TestRequestForSeveralAccountsSendsOneEmailEach(t *testing.T) {
	file := filepath.Join(t.TempDir(), "members.toml")
	if err := os.WriteFile(file, []byte(severalAccounts), 0o600); err != nil {
		t.Fatal(err)
	}
	eachSite(t, func(s *site) {
		s.db.SQL(s.T, `CREATE TABLE members (login text PRIMARY KEY, email text, hash text, enabled boolean)`)
		for _, login := range []string{"anchor", "buoy", "compass", "dinghy"} {
			s.db.SQL(s.T, `INSERT INTO members VALUES ('`+login+`', 'Crew@example.org', '`+s.hash(oldPassword)+`', true)`)
		}
		s.db.SQL(s.T, `UPDATE members SET enabled = false WHERE login = 'anchor'`)
		s.browser().Post("/password-reset", "email", "crew@example.org").Is(http.StatusSeeOther)
		named := map[string]bool{}
		for _, m := range s.mails() {
			for _, login := range []string{"anchor", "buoy", "compass", "dinghy"} {
				if strings.Contains(m.Text(s), login) {
					named[login] = true
				}
			}
		}
		if diff := cmp.Diff(map[string]bool{"anchor": true, "buoy": true, "compass": true, "dinghy": true}, named); diff != "" || len(s.mails()) != 4 {
			s.Errorf("%d emails name (-want +got)\n%s", len(s.mails()), diff)
		}
		if rows := s.resets(); len(rows) != 4 {
			s.Errorf("got %d rows, want one for each account, including the disabled one", len(rows))
		}
		b := s.browser()
		for _, m := range s.mails() {
			if text := m.Text(s); !strings.Contains(text, closedText) {
				b.Choose(b.OpenLink(s.linkIn(m)), newPassword, newPassword).Is(http.StatusSeeOther)
				break
			}
		}
		used := s.db.Text(s.T, `SELECT user_id FROM password_resets WHERE used_at IS NOT NULL`)
		notice := s.last()
		if subject := strings.Join(notice.Parse(s).GetGenHeader("Subject"), " "); !strings.Contains(strings.Join(strings.Fields(notice.Text(s)), " "), "about the account "+used+".") || !strings.HasSuffix(subject, "(account "+used+")") {
			s.Errorf("the notice about %s has the subject %q and the text\n%s", used, subject, notice.Text(s))
		}
		s.stored(`SELECT count(DISTINCT hash) FROM members`, "4")
	}, func(v *config.Settings, _ *config.Secrets) {
		v.Accounts, v.LoginURL, v.MailInactive = file, "https://app.example.org/login", closedText
	})
}

func TestRequestWhileTheMailServerIsDown(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("gone@example.org")
		s.sink.Add(smtpsink.Rule{Recipient: "gone@example.org", At: smtpsink.Rcpt, Code: 550, Text: "no such user here"})
		s.sink.Add(smtpsink.Rule{Recipient: "user@example.org", At: smtpsink.Rcpt, Code: 451, Text: "come back later", Times: 1})
		for _, email := range []string{"user@example.org", "gone@example.org"} {
			s.browser().Post("/password-reset", "email", email).Is(http.StatusSeeOther).To("/password-reset/done")
		}
		s.eventually("both were tried", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply <> ''`) == "2"
		})
		if got := s.db.Text(s.T, `SELECT last_reply FROM reset_deliveries WHERE failed_at IS NOT NULL`); !strings.Contains(got, "no such user here") {
			s.Errorf("failed with %q, want the server's reply", got)
		}
		s.clock.Add(10 * time.Minute)
		s.app.worker.Wake()
		if mails := s.mails(); len(mails) != 1 || mails[0].To[0] != "user@example.org" {
			s.Errorf("got %d emails, want the deferred one", len(mails))
		}
	})
}

func TestDonePageWithoutARequest(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().Get("/password-reset/done").Is(http.StatusOK).Has("h1", 1).Says("We never ask for it or for your password", "works once, for 1 hour. The email says until when")
	})
}

func TestUseOfOneLinkEndsTheOther(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		first := s.ask("user@example.org")
		s.clock.Add(time.Minute)
		second := s.ask("user@example.org")
		s.browser().OpenLink(second)
		b := s.browser()
		b.Choose(b.OpenLink(first), newPassword, newPassword).Is(http.StatusSeeOther)
		s.browser().Get(second).Is(http.StatusGone).Has(`form[action="/password-reset"]`, 1)
	})
}

func TestMalformedFormsAreRefused(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.Post("/password-reset", "email", "user@example.org", "email", "evil@example.com").Is(http.StatusBadRequest)
		b.Post("/password-reset", "email[]", "user@example.org").Is(http.StatusBadRequest)
		b.Post("/password-reset?email=evil@example.com", "email", "user@example.org").Is(http.StatusBadRequest)
		b.Post("/password-reset", "email", "user\x00@example.org").Is(http.StatusBadRequest)
		b.Post("/password-reset", "email", "user\xff@example.org").Is(http.StatusBadRequest)
		b.Post("/password-reset").Is(http.StatusBadRequest)
		b.Do(http.MethodPut, "/password-reset", "").Is(http.StatusMethodNotAllowed)
		b.Post("/password-reset", "email", strings.Repeat("a", 1<<17)).Is(http.StatusRequestEntityTooLarge)
		s.browser().With("Content-Type", "application/json").Post("/password-reset", "email", "user@example.org").Is(http.StatusBadRequest)
		if mails := s.mails(); len(mails) != 0 {
			s.Errorf("got %d emails, want none", len(mails))
		}
	})
}

// Every form answers what no browser sends with a page, signed in or not.
func TestMalformedFormsGetAPage(t *testing.T) {
	fields := []string{
		"action", "code", "confirm_password", "email", "name", "new_password", "old_password", "password", "present_code", "reason",
		"reset", "revoke_reason", "role", "send_reason", "setup", "sure", "unverified", "username",
	}
	every := func(format string) string {
		var all []string
		for _, field := range fields {
			all = append(all, strings.ReplaceAll(format, "X", field))
		}
		return strings.Join(all, "&")
	}
	const form = "application/x-www-form-urlencoded"
	bodies := [][2]string{
		{form, ""},
		{form, every("X[]=a")},
		{form, every("X[0]=a")},
		{form, every("X=a&X=b")},
		{form, every("X=a%00")},
		{form, every("X=%ff")},
		{form, every("X=%zz")},
		{form, every("X=a;b")},
		{"application/json", `{"email": ["user@example.org", "evil@example.com"]}`},
		{"text/plain", every("X=a")},
		{";;;", every("X=a")},
		{"multipart/form-data; boundary=x", "--x\r\n"},
		{form, every("X=" + strings.Repeat("a", 4000))},
	}
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		admin := s.member("ada", staff.Admin)
		admin.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		for _, route := range s.app.engine.Routes() {
			path := regexp.MustCompile(`[:*]\w+`).ReplaceAllString(route.Path, "x")
			for i, body := range bodies {
				if route.Method != http.MethodPost || strings.HasSuffix(path, "/logout") {
					continue
				}
				for who, b := range map[string]*browser{"a stranger": s.browser(), "a member": admin} {
					p := b.With("Content-Type", body[0]).Do(http.MethodPost, path, body[1])
					leads := p.Status == http.StatusSeeOther && strings.HasPrefix(p.Header.Get("Location"), "/support/login")
					if !leads && (p.Status < 400 || p.Status >= 500 || p.Find("h1").Length() != 1 || !strings.HasPrefix(p.Header.Get("Content-Type"), "text/html")) {
						s.Errorf("%s, body %d, %s: got %d, %s", path, i, who, p.Status, p.Header.Get("Content-Type"))
					}
				}
			}
		}
	}, signUpOn)
}
