package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/users"
)

// A typing error must not end with "nobody was found".
func TestSimilarAddressesAreOffered(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		s.user("user1@example.org") // so "user" has no one match
		vera, sven := s.member("vera", staff.Viewer), s.member("sven", staff.Sender)
		for _, typed := range []string{"user@exampel.org", "usre@example.org", "usr@example.org", "userr@example.org", "usar@example.org", "user@example.orgg", "User@examplle.org", "user@another.example"} {
			s.row(func(r *reset.Reset) { r.Email, r.Withheld = strings.ToLower(typed), reset.WithheldNoAccount })
			for range 2 { // with a request for it, and without
				vera.Get("/support?q="+url.QueryEscape(typed)).Is(http.StatusOK).Shows(".near", "Similar addresses that have an account: user@example.org").Has(`.near a[href="/support/accounts/`+u.ID+`"]`, 1)
				s.db.SQL(s.T, `DELETE FROM password_resets`)
			}
			sven.Get("/support?q="+url.QueryEscape(typed)).Is(http.StatusOK).Lacks("user@example.org\"").Has(".near", 0)
		}
		for _, other := range []string{"stranger@example.org", "use@another.example", "user", strings.Repeat("x", 60) + "@" + strings.Repeat("d.", 90) + "example.org"} {
			vera.Get("/support?q="+url.QueryEscape(other)).Is(http.StatusOK).Has(".near", 0)
		}
	})
}

// "I asked three times and got nothing": the person typed another address, which has no account.
func TestPageOfAPersonShowsRequestsForMistypedAddresses(t *testing.T) {
	eachSite(t, func(s *site) {
		u, vera := s.user("user@example.org"), s.member("vera", staff.Viewer)
		path, now := "/support/accounts/"+u.ID, s.clock.Now()
		asked := func(email string, age time.Duration, withheld reset.Withheld) {
			s.row(func(r *reset.Reset) {
				r.UserID, r.Email, r.Withheld = "", email, withheld
				r.CreatedAt, r.ExpiresAt = now.Add(-age), now.Add(time.Hour-age)
			})
		}
		asked("stranger@example.org", time.Minute, reset.WithheldNoAccount)
		asked("usr@example.org", 8*24*time.Hour, reset.WithheldNoAccount)
		asked("userr@example.org", time.Minute, reset.WithheldThrottled)
		vera.Get(path).Is(http.StatusOK).Has(".near", 0)
		asked("user@exampel.org", 26*time.Hour, reset.WithheldNoAccount)
		asked("usre@example.org", 5*time.Minute, reset.WithheldNoAccount)
		asked("usre@example.org", 10*time.Minute, reset.WithheldNoAccount)
		vera.Get(path).Is(http.StatusOK).Shows(".near", "that no account had: usre@example.org (2031-05-06 07:03:09 UTC").Shows(".near", "user@exampel.org (2031-05-05").
			Has(".near a", 2).Has(`.near a[href="/support?q=usre%40example.org"]`, 1)
		s.row(func(r *reset.Reset) { r.UserID = u.ID })
		vera.Get(path).Is(http.StatusOK).Has(".near", 0)
	})
}

// A question with an address and days lists resets, and leads on to the person.
func TestSearchWithDaysLeadsToThePerson(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		s.row(func(r *reset.Reset) { r.UserID = u.ID })
		vera := s.member("vera", staff.Viewer)
		person := "/support/accounts/" + u.ID
		p := vera.led("user@example.org today").Has(".rows tbody tr", 1)
		until := fmt.Sprint(time.Date(2031, 5, 7, 0, 0, 0, 0, time.UTC).UnixMicro())
		p.Shows(".persons", "up to the last of these days: user@example.org").Has(`.persons a[href="`+person+"?before="+until+`"]`, 1)
		vera.Get(person+"?before="+until).Is(http.StatusOK).Has(".timeline .asked", 1)
		vera.led("user@example.org yesterday").Has(".rows", 0).Has(".persons a", 1)
		vera.Get("/support?q="+u.ID+"&only=resets").Is(http.StatusOK).Has(`.persons a[href="`+person+`"]`, 1)
		for _, text := range []string{"203.0.113.5 today", "stranger@example.org today", "used today"} {
			vera.led(text).Has(".persons", 0)
		}
	})
}

// A common name lists 20 people: how many there are, and what tells them apart.
func TestManyPeopleAreCountedAndToldApart(t *testing.T) {
	eachSite(t, func(s *site) {
		vera := s.member("vera", staff.Viewer)
		add := func(n int) {
			s.db.SQL(s.T, `INSERT INTO users (id, email, name, created_at) VALUES `+values(n))
		}
		add(19)
		first := s.user("first@example.org", func(u *users.User) { u.Name = "Anna Lind" })
		s.row(func(r *reset.Reset) { r.UserID, r.CreatedAt = first.ID, r.CreatedAt.Add(-time.Hour) })
		page := func() page { return vera.Get("/support?q=lind").Is(http.StatusOK).Has(".people tbody tr", 20) }
		page().Shows(".people", "first@example.orgAnna Lindactive2031-05-06 06:08:09 UTC 60 minutes ago2", "none on record2030-01-01 00:00:00 UTC").Shows("main", "there may be more")
		add(5)
		page().Shows("main", "These are 20 of 25 people that match. Add the first name")
		add(1000)
		page().Shows("main", "These are 20 of more than 1,000 people that match.")
	})
}

// values returns rows of accounts with one family name.
func values(n int) string {
	rows := make([]string, n)
	for i := range rows {
		id := uuid.NewString()
		rows[i] = fmt.Sprintf(`('%s', '%s@example.org', 'Zoe Lind', '2030-01-01 00:00:00.000000+00:00')`, id, id)
	}
	return strings.Join(rows, ", ")
}
