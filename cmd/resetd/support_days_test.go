package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
)

// People type what they want to know: what came from a network yesterday, or how last week
// went. The days are those of the reader.
func TestSearchEndsWithAPeriod(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		yesterday := s.clock.Now().AddDate(0, 0, -1)
		s.user("used@example.org")
		s.user("unused@example.org")
		old := s.row(func(r *reset.Reset) { r.UserID, r.CreatedAt, r.ExpiresAt = u.ID, yesterday, yesterday.Add(time.Hour) })
		s.row(func(r *reset.Reset) { r.UserID = u.ID })
		b := s.member("vera", staff.Viewer)
		for text, want := range map[string]string{
			"yesterday": "days=yesterday", "Last week": "days=7", "failed last week": "days=7", "not verified last 30 days": "days=30#lists", "mail servers today": "days=today#lists",
			"2031-05-02": "since=2031-05-02&until=2031-05-02&zone=UTC", "bounced 2031-05-02": "since=2031-05-02&until=2031-05-02&zone=UTC#lists",
		} {
			b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To("/support/overview?" + want)
		}
		for _, text := range []string{"how many resets failed last week", "resets failed last week", "Failed resets last week", "How many resets failed last week, and why?", "why did requests fail last week", "how many requests last week"} {
			b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To("/support/overview?days=7")
		}
		b.Get("/support?q=How+many+resets+failed%3F").Is(http.StatusSeeOther).To("/support/overview")
		const days = "&since=2031-05-05&until=2031-05-05"
		for text, want := range map[string]string{
			"used yesterday": "status=used", "Asked too often yesterday": "status=throttled", "withheld: no account 2031-05-05": "status=no_account", "email took several tries yesterday": "status=mail_slow",
		} {
			if got := b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).Header.Get("Location"); got != "/support?since=2031-05-05&"+want+"&until=2031-05-05" {
				s.Errorf("%s leads to %s", text, got)
			}
		}
		for text, want := range map[string]string{"bounced": "/support/overview#lists", "Asked too often": "/support?status=throttled"} {
			b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To(want)
		}
		b.Get("/support?q=How+many+links+were+used+2031-05-05%3F").To("/support?since=2031-05-05&status=used&until=2031-05-05")
		b.Get("/support?q=link+2031-05-05").To("/support?q=link" + days) // may be a name
		b.Get("/support?q=used").Is(http.StatusOK)                       // a part of an address
		b.Get("/support?q=user+2031-05-05").Is(http.StatusSeeOther).To("/support?q=user" + days)
		for _, text := range []string{"203.0.113.0/24", "user@example.org", "USER", u.ID} {
			p := b.led(text + " yesterday")
			if got := listed(p); len(got) != 1 || got[0] != old.ID.String() || p.Field("q") != text {
				s.Errorf("%s: got %q, and %q in the box; want the reset of yesterday", text, got, p.Field("q"))
			}
		}
		for text, want := range map[string]string{
			"which people were asked for from 203.0.113.0/24 yesterday?": "203.0.113.0%2F24" + days, "used 198.51.100.77 yesterday": "198.51.100.77" + days,
			"who changed the password of user@example.org?": "user%40example.org",
		} {
			b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To("/support?q=" + want)
		}
		b.Get("/support?q=203.0.113.1+203.0.113.9").Is(http.StatusOK) // two keys are not a question for one
		b.Get("/support?q=user@example.org").Is(http.StatusSeeOther).To("/support/accounts/" + u.ID)
		b.Get("/support?q=yesterdays").Is(http.StatusOK)
		b.Get("/support?q=yesterday&since=2031-05-06").Is(http.StatusOK)
		b.With("Cookie", "resetd_zone=Pacific/Auckland")
		day := s.clock.Now().In(zoneOf(s, "Pacific/Auckland")).Format(time.DateOnly)
		b.Get("/support?q=user+today").To("/support?q=user&since=" + day + "&until=" + day + "&zone=Pacific%2FAuckland")
	})
}

// led returns the page that a search leads to.
func (b *browser) led(text string) page {
	b.Helper()
	return b.Get(b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).Header.Get("Location")).Is(http.StatusOK)
}

func zoneOf(s *site, name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		s.Fatal(err)
	}
	return zone
}

// Somebody who tries the accounts of many people leaves few resets or none. The search for
// the IP address shows whom they tried, and first where they got in.
func TestSearchForAnIPAddressShowsWhoGotIn(t *testing.T) {
	eachSite(t, func(s *site) {
		in := s.user("in@example.org")
		s.user("out@example.org")
		vera, ada := s.member("vera", staff.Viewer), s.member("ada", staff.Admin)
		const stranger, found = "198.51.100.66", ".visits li"
		vera.Get("/support?q="+stranger).Is(http.StatusOK).Shows(".visits", "No sign-in from there is on record in the last 24 hours").
			Shows(".visits summary", "in the last 24 hours").Shows(".visits + .read", "goes further back than the last 24 hours")
		s.person(stranger).login("in@example.org", oldPassword).Is(http.StatusSeeOther)
		for _, email := range []string{"in@example.org", "out@example.org", "out@example.org"} {
			s.person(stranger).login(email, "wrong").Is(http.StatusUnprocessableEntity)
		}
		s.person("198.51.101.1").login("out@example.org", oldPassword).Is(http.StatusSeeOther)
		for _, text := range []string{stranger, "198.51.100.0/24"} {
			p := vera.Get("/support?q="+url.QueryEscape(text)).Is(http.StatusOK).Has(found, 3).Shows(found+":first-child", "signed in in@example.org", stranger).Has(found+`:first-child a[href="/support/accounts/`+in.ID+`"]`, 1)
			p.Shows(found+":nth-child(2)", "sign-in failed out@example.org").Shows(found+":nth-child(3)", "sign-in failed in@example.org")
		}
		vera.Get("/support?q="+stranger+"&status=used").Is(http.StatusOK).Has(".visits", 0)
		ada.act(in.ID, "users_end_sessions", "they got in").Is(http.StatusSeeOther)
		s.clock.Add(25 * time.Hour)
		vera = s.member("vera2", staff.Viewer)
		vera.Get("/support?q="+stranger).Is(http.StatusOK).Has(found, 0)
		vera.led(stranger+" yesterday").Has(found, 3).Shows(".visits summary", "on the days of this search").Lacks("the last 24 hours")
		vera.led(stranger+" last week").Has(".visits", 0)
	}, behindProxy)
}

// Of many failures from one network, only some are recorded, and a search for yesterday says
// nothing about today.
func TestSearchForAnIPAddressDeniesNoUnrecordedFailure(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		vera := s.member("vera", staff.Viewer)
		for i := range 7 {
			s.person(fmt.Sprintf("2001:db8:5::%d", i+1)).login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		vera.Get("/support?q=2001:db8:5::1").Shows(".visits li", "sign-in failed")
		vera.Get("/support?q=2001:db8:5::6").Shows(".visits", "No sign-in", "in the last 24 hours", "only some are recorded").Lacks("tried to")
		vera.led("2001:db8:5::1 yesterday").Shows(".visits", "No sign-in", "on the days of this search").Lacks("in the last 24 hours")
	}, behindProxy)
}

// Whoever asked too often wants to know when they may ask again.
func TestPersonWhoAskedTooOftenHearsWhenToAskAgain(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		vera := s.member("vera", staff.Viewer)
		const again = "another request for its address sends no email before 2031-05-06 08:"
		for n := range 6 {
			p := vera.Get("/support/accounts/" + u.ID).Is(http.StatusOK)
			if said := strings.Contains(p.Find("main").Text(), again); said != (n == 5) {
				s.Errorf("after %d requests the page says %t", n, said)
			}
			s.from("203.0.113.50").Post("/password-reset", "email", "User@example.org").Is(http.StatusSeeOther)
			s.mails()
			s.clock.Add(time.Second)
		}
		vera.Get("/support/accounts/"+u.ID).Shows(".situation", again).Shows(".timeline", "asked too often")
		s.clock.Add(61 * time.Minute)
		vera = s.member("val", staff.Viewer)
		vera.Get("/support/accounts/" + u.ID).Is(http.StatusOK).Lacks("sends no email before")
	}, limits("5/1h", "0", "0", "0"))
}
