package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

// behindProxy trusts the test as a proxy, so it can set a visitor's IP address.
func behindProxy(v *config.Settings, _ *config.Secrets) { v.TrustedProxies = "127.0.0.0/8" }

// person returns a browser with the headers of a real one.
func (s *site) person(ip string) *browser {
	return s.from(ip).With("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0").With("Accept-Language", "en")
}

// newestPage returns the support page of the newest reset.
func (s *site) newestPage(b *browser) page {
	s.Helper()
	return b.Get("/support/resets/" + s.resets()[0].ID.String()).Is(http.StatusOK)
}

// verdicts contains the courses of a link, with the expected verdict.
var verdicts = map[string]struct {
	happens func(s *site, email string)
	said    []string
	status  string
}{
	"sent":            {func(s *site, email string) { s.ask(email) }, []string{"was accepted by 127.0.0.1", "was not opened yet", "It expires in 1 hour."}, "pending"},
	"scanner only":    {func(s *site, email string) { s.scan(s.ask(email)) }, []string{"opened once by what looks like a mail scanner (it calls itself a program), and by nothing else"}, "pending"},
	"person":          {func(s *site, email string) { s.look(s.ask(email)) }, []string{"opened once by a person"}, "opened"},
	"scanner, person": {func(s *site, email string) { link := s.ask(email); s.scan(link); s.look(link) }, []string{"once by a person", "also opened once by what looks like"}, "opened"},
	"used": {func(s *site, email string) {
		b := s.person("203.0.113.5")
		b.Choose(s.look(s.ask(email)), "x", "y")
		b.Choose(b.OpenLink(s.linkIn(s.sink.Messages()[len(s.sink.Messages())-1])), newPassword, newPassword).Is(http.StatusSeeOther)
	}, []string{"It was used at 2031-05-06 07:08:19 UTC from 203.0.113.5"}, "used"},
	"expired":  {func(s *site, email string) { s.ask(email); s.clock.Add(time.Hour) }, []string{"never opened while it worked", "It expired unused at"}, "expired"},
	"deferred": {func(s *site, email string) { s.refused(email, 451) }, []string{"not accepted, once; the next try is at", "Example server says so"}, "pending"},
	"failed":   {func(s *site, email string) { s.refused(email, 550) }, []string{"given up at", "Example server says so"}, "pending"},
	"address changed": {func(s *site, email string) {
		link := s.ask(email)
		s.db.SQL(s.T, `UPDATE users SET email = 'new-`+email+`' WHERE email = '`+email+`'`)
		s.browser().Get(link).Is(http.StatusGone)
	}, []string{"the account's password or address was changed"}, "revoked"},
	"not me": {func(s *site, email string) {
		s.ask(email)
		s.browser().Deny(s.notMeIn(s.sink.Messages()[len(s.sink.Messages())-1])).Is(http.StatusOK)
	}, []string{"somebody with an email about it said “this wasn't me”"}, "revoked"},
	"staff": {func(s *site, email string) {
		s.ask(email)
		s.must(s.app.resets.RevokeBy(s.Context(), s.resets()[0].ID, "staff:arno"))
	}, []string{"It was ended by arno of the staff at"}, "revoked"},
}

// scan opens a link like an email scanner, look like a person long after the email was
// sent.
func (s *site) scan(link string) {
	s.browser().With("User-Agent", "Example Mail Scanner/1.0").Get(link).Is(http.StatusSeeOther)
}

func (s *site) look(link string) page {
	s.clock.Add(10 * time.Second)
	return s.person("203.0.113.5").OpenLink(link)
}

// refused requests a link that the mail server refuses.
func (s *site) refused(email string, code int) {
	s.Helper()
	s.sink.Add(smtpsink.Rule{Recipient: email, At: smtpsink.Rcpt, Code: code, Text: "Example server says so"})
	s.browser().Post("/password-reset", "email", email).Is(http.StatusSeeOther)
	s.eventually("it was tried", func() bool {
		return s.db.Text(s.T, `SELECT count(*) FROM reset_events WHERE kind IN ('deferred', 'failed')`) != "0"
	})
}

// The application may change an account without telling anybody.
func TestStaffSeeThatALinkIsDeadBeforeItIsTried(t *testing.T) {
	eachSite(t, func(s *site) {
		vera := s.member("vera", staff.Viewer)
		for email, change := range map[string]string{
			"a@example.org": `UPDATE users SET email = 'other@example.org'`, "b@example.org": `UPDATE users SET password_hash = 'another'`,
			"c@example.org": `UPDATE users SET active = false`, "d@example.org": `DELETE FROM users`,
		} {
			s.user(email)
			s.clock.Add(time.Second)
			s.ask(email)
			s.newestPage(vera).Says("not opened yet", "It expires in")
			s.db.SQL(s.T, change+` WHERE email = '`+email+`'`)
			s.newestPage(vera).Says("It has not worked since", "or longer: the account's password or address was changed, or the account was closed or deleted").Lacks("It expires in", "not opened yet")
		}
	})
}

func TestVerdicts(t *testing.T) {
	for name, c := range verdicts {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				s.user("user@example.org")
				b := s.member("vera", staff.Viewer)
				c.happens(s, "user@example.org")
				p := s.newestPage(b).Shows(".verdict", c.said...).Has("h1 .status."+c.status, 1).Shows("h1 .status", c.status)
				if strings.Contains(p.Body, "\ue000") || strings.Contains(p.Body, "<no value>") {
					s.Errorf("a text is missing in the page:\n%s", p.Body)
				}
			}, behindProxy)
		})
	}
}

func TestVerdictOfALinkEndedByAnother(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.member("vera", staff.Viewer)
		s.ask("user@example.org")
		old := s.resets()[0].ID.String()
		s.clock.Add(time.Minute)
		other := s.browser()
		other.Choose(other.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		b.Get("/support/resets/"+old).Shows(".verdict", "It ended at 2031-05-06 07:09:09 UTC: another link of the account was used.").Has(".actions form", 0)
	})
}

func TestVerdictOfWithheldResets(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		s.user("new@example.org", func(u *users.User) { u.PasswordHash = "" })
		s.user("user@example.org")
		b := s.member("arno", staff.Agent)
		for _, c := range []struct{ email, said string }{
			{"nobody@example.org", "No account had this address"},
			{"inactive@example.org", "The account was inactive"},
			{"new@example.org", "no password of its own"},
			{"user@example.org", "was accepted by"},
			{"user@example.org", "too many requests"},
		} {
			s.clock.Add(time.Second)
			s.browser().Post("/password-reset", "email", c.email).Is(http.StatusSeeOther)
			s.settled()
			p := s.newestPage(b).Shows(".verdict", c.said)
			if c.said != "was accepted by" {
				p.Has(".verdict p", 1).Has(".timeline li", 2).Shows("h1 .status", "withheld").Has(`form[action$="/revoke"]`, 0)
			}
		}
	}, limits("1/30m", "0", "0", "0"))
}

func TestFlagsOfUnusualResets(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.member("vera", staff.Viewer)
		for i := range 4 {
			s.from("198.51.100.7").Post("/password-reset", "email", strings.Repeat("x", i+1)+"@example.org").Is(http.StatusSeeOther)
		}
		s.clock.Add(time.Second)
		s.newestPage(b).Has(".flags", 0) // four addresses are not unusual
		s.from("198.51.100.7").Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		link := s.linkIn(s.mails()[0])
		s.newestPage(b).Has(".flags li", 1).Shows(".flags", "198.51.100.7 asked for links for 5 different addresses")
		person := s.person("203.0.113.5")
		form := person.OpenLink(link)
		for range 5 {
			person.Choose(form, "x", "x").Is(http.StatusUnprocessableEntity)
		}
		s.newestPage(b).Has(".flags li", 2).Shows(".flags", "5 attempts with this link were refused")
		person.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
		s.newestPage(b).Has(".flags li", 3).Shows(".flags", "Asked for from 198.51.100.7 and used from another network, 203.0.113.5")
	}, behindProxy)
}

// Staff are usually in another network than the owner.
func TestStaffLinkIsNotFlaggedForItsNetwork(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.ask("user@example.org")
		b := s.member("arno", staff.Agent).With("X-Forwarded-For", "198.51.100.7")
		s.clock.Add(time.Minute)
		b.Post("/support/resets/"+s.resets()[0].ID.String()+"/send", "send_reason", "she called").Is(http.StatusSeeOther)
		person := s.person("203.0.113.5")
		person.Choose(person.OpenLink(s.linkIn(s.mails()[1])), newPassword, newPassword).Is(http.StatusSeeOther)
		s.newestPage(b).Shows(".verdict", "It was used at").Has(".flags", 0)
	}, behindProxy)
}

func TestTimelineIsCompleteAndInOrder(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.member("vera", staff.Viewer)
		link := s.ask("user@example.org")
		s.clock.Add(time.Second)
		s.scan(link)
		person := s.person("203.0.113.5")
		s.clock.Add(time.Minute)
		form := person.OpenLink(link)
		s.clock.Add(time.Minute)
		person.Choose(form, "x", "x").Is(http.StatusUnprocessableEntity)
		s.clock.Add(time.Minute)
		person.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
		s.mails()
		s.clock.Add(time.Minute)
		person.Get(link).Is(http.StatusGone)
		p := s.newestPage(b)
		var words, times []string
		for _, li := range p.Find(".timeline li").EachIter() {
			words, times = append(words, li.AttrOr("class", "")), append(times, li.Find("time").AttrOr("datetime", ""))
		}
		if got := strings.Join(words, " "); got != "asked sent opened_scanner opened refused used notice_sent refused" {
			s.Errorf("the timeline is %q", got)
		}
		if got := strings.Join(times, " "); got != "2031-05-06T07:08:09Z 2031-05-06T07:08:09Z 2031-05-06T07:08:10Z 2031-05-06T07:09:10Z 2031-05-06T07:10:10Z 2031-05-06T07:11:10Z 2031-05-06T07:11:10Z 2031-05-06T07:12:10Z" {
			s.Errorf("its times are %q", got)
		}
		p.Shows(".timeline .opened_scanner", "looks like a mail scanner", "it calls itself a program", "Example Mail Scanner/1.0")
		p.Shows(".timeline .used", "203.0.113.5", "Firefox 140 on Windows").Shows(".timeline .refused", "password refused: too short", "the link was used before").Shows(".timeline .asked", "through the form").Has(".timeline .used time[title='2031-05-06 07:11:10 UTC']", 1)
	}, behindProxy)
}

func TestMissingResetIsNotFound(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("arno", staff.Agent)
		for _, id := range []string{"00000000-0000-4000-8000-000000000000", "x", "%00", "%ff", "..%2f..", strings.Repeat("a", 5000)} {
			b.Get("/support/resets/" + id).Is(http.StatusNotFound)
			b.Post("/support/resets/"+id+"/send", "send_reason", "x").Is(http.StatusNotFound)
			b.Post("/support/resets/"+id+"/revoke", "revoke_reason", "x").Is(http.StatusNotFound)
		}
		r := s.row(func(r *reset.Reset) { r.UserID = "gone" })
		b.Get("/support/resets/"+r.ID.String()).Is(http.StatusOK).Has(`form[action$="/send"]`, 0)
		b.Post("/support/resets/"+r.ID.String()+"/send", "send_reason", "x").Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "there is no such account")
	})
}

// A link that was used or ended does not expire any more.
func TestPageOfAResetSaysWhenItsLinkExpires(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.ask("user@example.org")
		b := s.member("vera", staff.Viewer)
		facts := func() string { return s.newestPage(b).Find("main .facts dt").Text() }
		if got := facts(); !strings.HasSuffix(got, "Expires") {
			s.Errorf("pending: %s", got)
		}
		s.clock.Add(time.Hour)
		if got := facts(); !strings.HasSuffix(got, "Expired") {
			s.Errorf("expired: %s", got)
		}
		s.row(func(r *reset.Reset) { r.UsedAt, r.UsedByIP = r.CreatedAt, testkit.Visitor.IP })
		if got := facts(); strings.Contains(got, "Expire") {
			s.Errorf("used: %s", got)
		}
	})
}
