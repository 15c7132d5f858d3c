package threats

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit/smtpsink"
)

func TestSearch(t *testing.T) {
	each(t, vars{"TRUSTED_PROXIES": "127.0.0.0/8"}, func(s *service) {
		a := s.account(user)
		s.from("203.0.113.5").Request(user).To("/password-reset/done")
		s.from("2001:db8::7").Request(nobody).To("/password-reset/done")
		s.from("203.0.113.6").Request("else@example.com").To("/password-reset/done")
		s.mails()
		mine, nobodys, other := s.newest(user), s.newest(nobody), s.newest("else@example.com")
		m := s.member("vera", "viewer")
		for text, want := range map[string][]string{
			"": {other, nobodys, mine}, user: {mine}, " USER@Example.org ": {mine}, nobody: {nobodys}, "@example.org": {nobodys, mine}, "else@": {other},
			a.ID: {mine}, mine: {mine}, strings.ToUpper(mine): {mine}, nobodys[:8]: {nobodys}, "203.0.113.5": {mine}, "::ffff:203.0.113.5": {mine},
			"203.0.113.0/24": {other, mine}, "203.0.113.77/24": {other, mine}, "2001:db8::/32": {nobodys}, "10.0.0.0/8": nil, "stranger@example.org": nil,
		} {
			if got := m.found("?q=" + url.QueryEscape(text)); !slices.Equal(got, want) {
				s.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
		for filter, want := range map[string][]string{
			"status=withheld": {other, nobodys}, "status=no_account": {other, nobodys}, "status=throttled": nil, "status=pending": {mine}, "status=mail_failed": nil,
			"status=withheld&q=example.org": {nobodys}, "since=" + day(0): {other, nobodys, mine}, "since=" + day(1): nil, "until=" + day(0): {other, nobodys, mine}, "until=" + day(-1): nil,
		} {
			if got := m.found("?" + filter); !slices.Equal(got, want) {
				s.Errorf("%s finds %q, want %q", filter, got, want)
			}
		}
	})
}

// day returns a day relative to today in the format of the form. The tests leave a
// margin, so they also pass at midnight.
func day(from int) string { return time.Now().UTC().AddDate(0, 0, from).Format(time.DateOnly) }

func TestPagesAreStable(t *testing.T) {
	each(t, nil, func(s *service) {
		s.rows(120, time.Hour, "withheld", "'no_account'")
		m := s.member("vera", "viewer")
		seen := map[string]bool{}
		query := "?q=nobody"
		for query != "" {
			p := m.Get("/support" + query).Is(http.StatusOK)
			for _, a := range p.Find(".rows tbody td:first-child a").EachIter() {
				if id := a.AttrOr("href", ""); seen[id] {
					s.Errorf("%s is listed twice", id)
				} else {
					seen[id] = true
				}
			}
			s.rows(10, time.Second, "withheld", "'no_account'") // new rows between two pages
			query = strings.TrimPrefix(p.Find(`a[rel="next"]`).AttrOr("href", ""), "/support")
		}
		if len(seen) != 120 {
			s.Errorf("%d rows on all pages, want the first 120", len(seen))
		}
	})
}

func TestLifeInPlainWords(t *testing.T) {
	each(t, vars{"TRUSTED_PROXIES": "127.0.0.0/8"}, func(s *service) {
		s.account(user)
		m := s.member("vera", "viewer")
		s.from("192.0.2.9").Request(user).To("/password-reset/done")
		link := s.linkIn(s.mails()[0])
		id := s.newest(user)
		read := func(want ...string) page {
			s.Helper()
			p := m.Get("/support/resets/" + id).Is(http.StatusOK)
			p.Shows(".verdict", want...)
			return p
		}
		read("The email was accepted by 127.0.0.1", "The link was never opened while it worked.", "It expires in ")
		s.db.SQL(s.T, `UPDATE reset_deliveries SET sent_at = `+at(-time.Minute))
		for range 2 {
			s.from("198.51.100.7").With("User-Agent", "Example Mail Scanner/1.0").Get(link).Is(http.StatusSeeOther)
		}
		read("opened 2 times by what looks like a mail scanner (it calls itself a program), and by nothing else").Shows(".timeline .opened_scanner", "198.51.100.7", "it calls itself a program")
		person := s.from("203.0.113.5").With("User-Agent", firefox).With("Accept-Language", "en")
		form := person.OpenLink(link)
		read("opened once by a person", "also opened 2 times by what looks like a mail scanner (it calls itself a program).")
		person.Choose(form, "x", "x").Is(http.StatusUnprocessableEntity)
		person.Choose(form, newPassword, newPassword).To("/password-reset/complete")
		p := read("One attempt to open or use it was refused.", "It was used at", "from 203.0.113.5")
		p.Has(".timeline li:not(.notice_sent)", 7).Has(".timeline details", 6).Shows(".timeline", "Firefox 140 on Windows", "password refused: too short")
		p.Shows(".flags", "used from another network, 203.0.113.5")
		if looks := p.Words("main"); strings.Contains(looks, "is a mail scanner") {
			s.Errorf("the page states a guess as a fact: %s", looks)
		}
		for _, shown := range p.Find("main time").EachIter() {
			if !strings.HasSuffix(shown.AttrOr("title", ""), " UTC") || !strings.HasSuffix(shown.AttrOr("datetime", ""), "Z") {
				s.Errorf("a time without its exact UTC: %q", shown.Text())
			}
		}
	})
}

func TestMailThatFails(t *testing.T) {
	each(t, nil, func(s *service) {
		m := s.member("vera", "viewer")
		for email, code := range map[string]int{"later@example.org": 451, "never@example.org": 550} {
			s.account(email)
			s.sink.Add(smtpsink.Rule{Recipient: email, At: smtpsink.Rcpt, Code: code, Text: "Example server says so"})
			s.browser().Request(email).To("/password-reset/done")
		}
		s.eventually("both were tried", func() bool { return s.db.Text(s.T, `SELECT count(*) FROM reset_events`) == "2" })
		for email, want := range map[string]string{
			"later@example.org": "The email was not accepted, once", "never@example.org": "The email could not be delivered, and was given up at", nobody: "No account had this address",
		} {
			if email == nobody {
				s.browser().Request(email).To("/password-reset/done")
				s.eventually("it was looked up", func() bool {
					return s.db.Text(s.T, `SELECT count(*) FROM password_resets WHERE withheld = 'no_account'`) == "1"
				})
			}
			p := m.Get("/support/resets/" + s.newest(email)).Is(http.StatusOK)
			p.Shows(".verdict", want)
			if email != nobody {
				p.Shows(".verdict", "Example server says so")
			}
		}
		if got, want := m.found("?status=mail_failed"), s.newest("never@example.org"); fmt.Sprint(got) != "["+want+"]" {
			s.Errorf("email failed: found %q, want %q", got, want)
		}
	})
}
