package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/users"
)

// names returns the people that a search lists.
func names(p page) (all []string) {
	for _, a := range p.Find(".people tbody td:first-child a").EachIter() {
		all = append(all, strings.TrimSpace(a.Text()))
	}
	return all
}

// One match opens the page of the person; several are listed. The person need not have
// asked for a link.
func TestSearchFindsPeople(t *testing.T) {
	eachSite(t, func(s *site) {
		named := func(name string) func(*users.User) { return func(u *users.User) { u.Name = name } }
		anna, ben := s.user("anna@example.org", named("Anna Example")), s.user("ben@example.org", named("Ben Example"))
		s.row(func(r *reset.Reset) { r.UserID, r.Email = anna.ID, "former@example.com" })
		b := s.member("vera", staff.Viewer)
		for text, want := range map[string]string{
			"ben@example.org": ben.ID, " BEN@Example.org ": ben.ID, "<ben@example.org>": ben.ID, ben.ID: ben.ID, "ben@": ben.ID, "ben ex": ben.ID,
			"Example, Ben": ben.ID, "example ben": ben.ID,
			"anna@example.org": anna.ID, "former@example.com": anna.ID, "anna": anna.ID,
		} {
			b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To("/support/accounts/" + want)
		}
		p := b.Get("/support?q=Example").Is(http.StatusOK)
		if got := names(p); !slices.Equal(got, []string{"anna@example.org", "ben@example.org"}) {
			s.Errorf("listed: %q", got)
		}
		if got := listed(p); len(got) != 1 {
			s.Errorf("%d resets, want the one with the part in its address", len(got))
		}
		b.Get("/support?q=nobody").Is(http.StatusOK).Has(".people", 0)
		// A filter, a further page and a list of resets are not for people.
		for _, query := range []string{"q=ben@example.org&status=used", "q=ben@example.org&only=resets", "q=ben@example.org&since=2031-05-06"} {
			b.Get("/support?"+query).Is(http.StatusOK).Has(".people", 0)
		}
	})
}

// Staff paste whole links, which open an account.
// The record knows no names, so a name with days or a status finds its people.
func TestNameWithDaysFindsPeople(t *testing.T) {
	eachSite(t, func(s *site) {
		named := func(name string) func(*users.User) { return func(u *users.User) { u.Name = name } }
		sara := s.user("s.l@example.org", named("Sara Lind"))
		s.user("u.l@example.org", named("Ulla Lind"))
		s.ask(sara.Email)
		b := s.member("vera", staff.Viewer).Follow()
		b.Get("/support?q=Sara+Lind+today").Is(http.StatusOK).Shows("h1", "s.l@example.org")
		p := b.Get("/support?q=Lind+yesterday").Is(http.StatusOK).Lacks("0 resets", "Resets requested for addresses")
		if got := names(p); !slices.Equal(got, []string{"s.l@example.org", "u.l@example.org"}) {
			s.Errorf("found %q", got)
		}
		const none = "Nobody with this name or address was found."
		for _, text := range []string{"Kim yesterday", "Kim", "Lindgren"} {
			b.Get("/support?q="+url.QueryEscape(text)).Is(http.StatusOK).Shows("main", none, "0 resets")
		}
		for _, text := range []string{"Lind", "s.l@example.org", "nobody@example.org", "203.0.113.7", "used"} {
			b.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusOK).Lacks(none)
		}
		s.db.SQL(s.T, `ALTER TABLE users RENAME TO away`)
		b.Get("/support?q=Kim").Is(http.StatusOK).Lacks(none)
	})
}

// A customer who knows a ticket, and not who got the link that was meant for them, is told by
// the reason. Only admins read the rest of the staff activity.
func TestSearchFindsWhatStaffDidByTheirReason(t *testing.T) {
	eachSite(t, func(s *site) {
		wrong, arno := s.user("rita.wang@example.org"), s.member("arno", staff.Agent)
		arno.act(wrong.ID, "send_link_to", "Ticket 771, caller Rita Wong").Is(http.StatusSeeOther)
		arno.act(wrong.ID, "note", "ticket 7")
		s.ask(wrong.Email)
		vera, ada := s.member("vera", staff.Viewer), s.member("ada", staff.Admin)
		for _, b := range []*browser{vera, ada} {
			p := b.Get("/support?q=TICKET+771").Is(http.StatusOK).Has("main .timeline li", 1).Shows("main .timeline li", "sent a link arno rita.wang@example.org", "Ticket 771, caller Rita Wong").Lacks("Nobody with this name")
			p.Has(`main .timeline a[href="/support/accounts/`+wrong.ID+`"]`, 1)
		}
		const all = "/support/audit?what=helps&why=ticket+771"
		vera.Get("/support?q=ticket+771").Has(`a[href="`+all+`"]`, 0)
		ada.Get("/support?q=ticket+771").Has(`a[href="`+all+`"]`, 1)
		ada.Get(all).Is(http.StatusOK).Has(".rows tbody tr", 1).Shows(".rows", "Ticket 771")
		vera.Get("/support?q=ticket+772").Is(http.StatusOK).Has(".timeline", 0).Shows("main", "Nobody with this name")
		vera.Get("/support?q=ticket+771&since=2031-05-06&until=2031-05-06").Is(http.StatusOK).Has("main .timeline li", 1).Lacks("Nobody with this name")
		vera.Get("/support?q=ticket+771&since=2031-05-05&until=2031-05-05").Is(http.StatusOK).Has(".timeline", 0).Shows("main", "Nobody with this name")
		s.clock.Add(91 * 24 * time.Hour)
		s.member("bea", staff.Viewer).Get("/support?q=ticket+771").Is(http.StatusOK).Has(".timeline", 0)
	})
}

func TestPastedLinkIsFoundAndNotKept(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		link := s.ask(u.Email)
		token := link[strings.LastIndex(link, "/")+1:]
		for _, role := range []staff.Role{staff.Agent, staff.Sender} {
			b := s.member(string(role), role)
			b.Get("/support?q=" + url.QueryEscape(s.url+link+".")).Is(http.StatusSeeOther)
			b.Get("/support/resets.csv?q=" + token)
			b.Get("/support?q=%ZZ" + token)
			b.act(u.ID, "send_link_to", "has only "+link)
		}
		b := s.member("ada", staff.Admin)
		b.Get("/support/audit?whom=" + token).Is(http.StatusOK)
		list := b.Get("/support?q=" + token).Is(http.StatusSeeOther).Header.Get("Location")
		if got := listed(b.Get(list)); len(got) != 1 {
			s.Errorf("%s lists %d resets for a link, want 1", list, len(got))
		}
		if dump := s.dump("reset_audit"); strings.Contains(dump, token) {
			s.Errorf("a link is in the audit:\n%s", dump)
		}
	})
}

// A person found by a part is opened at once only if nobody else's resets match.
func TestPartOpensAPersonOnlyIfNobodyElseMatches(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org", func(u *users.User) { u.Name = "Smithson" })
		s.row(func(r *reset.Reset) { r.Email, r.Withheld = "smithson@example.com", reset.WithheldNoAccount })
		p := s.member("vera", staff.Viewer).Get("/support?q=smithson").Is(http.StatusOK)
		if len(names(p)) != 1 || len(listed(p)) != 1 {
			s.Errorf("listed: %q and %d resets, want one of each", names(p), len(listed(p)))
		}
	})
}

// If the accounts can't be searched, the resets are still found, and the page says so.
func TestSearchWithBrokenAccounts(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.row()
		b := s.member("vera", staff.Viewer)
		s.db.SQL(s.T, `ALTER TABLE users RENAME TO away`)
		p := b.Get("/support?q=ser@example").Is(http.StatusOK).Shows(".flags", "could not be searched")
		if len(listed(p)) != 1 {
			s.Errorf("%d resets, want one", len(listed(p)))
		}
	})
}

// An address without an account may be one of a sign-up that nobody confirmed.
func TestSearchForAnAddressWithoutAnAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
		s.mails()
		s.row(func(r *reset.Reset) { r.Email, r.Withheld = "asked@example.org", reset.WithheldNoAccount })
		vera := s.member("vera", staff.Viewer)
		const nobody = "No account is found by the address "
		p := vera.Get("/support?q=new%40example.org").Is(http.StatusOK).Shows("main", nobody+"new@example.org")
		p.Shows("main .timeline", "sign-up, not confirmed yet", "127.0.0.1", "email to confirm a sign-up: accepted by", "Message-ID")
		for _, email := range []string{"asked@example.org", "nobody@example.org"} {
			vera.Get("/support?q="+email).Is(http.StatusOK).Shows("main", nobody+email).Has(".timeline", 0)
		}
		for _, query := range []string{"q=asked%40example.org&only=resets", "q=nobody", "q=user"} {
			vera.Get("/support?" + query).Lacks(nobody)
		}
		s.db.SQL(s.T, `ALTER TABLE users RENAME TO away`)
		vera.Get("/support?q=nobody@example.org").Is(http.StatusOK).Lacks(nobody)
	}, signUpOn)
}

// "Not confirmed yet" is only said of a sign-up that can still be confirmed.
func TestTimelineSaysWhatBecameOfASignUp(t *testing.T) {
	eachSite(t, func(s *site) {
		vera := s.member("vera", staff.Viewer)
		texts := func(path string) string {
			s.Helper()
			return joined(vera.Get(path).Is(http.StatusOK).Find(".timeline strong:contains('sign-up,'), .timeline strong:contains('sign-up for')"))
		}
		person := func(email string) string { return "/support/accounts/" + s.user(email).ID }
		wants := func(when, path, want string) {
			s.Helper()
			if got := texts(path); got != want {
				s.Errorf("%s: got %q, want %q", when, got, want)
			}
		}
		old := person("user@example.org")
		s.browser().signUp("user@example.org").Is(http.StatusSeeOther)
		s.mails()
		wants("of an account", old, "sign-up for the address of an account")
		const search = "/support?q=new@example.org"
		s.signUpAsked("new@example.org")
		wants("first", search, "sign-up, not confirmed yet")
		s.clock.Add(time.Minute)
		link := s.signUpAsked("new@example.org")
		wants("second", search, "sign-up, not confirmed yet sign-up, replaced by a newer one")
		s.clock.Add(time.Minute)
		s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
		s.mails()
		wants("throttled", search, "sign-up, no email was sent for it sign-up, not confirmed yet sign-up, replaced by a newer one")
		made := person("new@example.org")
		wants("made by an operator", made, "sign-up, not confirmed; the address has an account now sign-up, not confirmed; the address has an account now sign-up, replaced by a newer one")
		s.browser().finish(link, newPassword)
		wants("after its link", made, "sign-up, not confirmed; the address has an account now sign-up, not confirmed; the address has an account now sign-up, replaced by a newer one")
	}, signUpOn, limits("2/1h", "0", "0", "0"))
}

// A sender sees no resets, so days beside an address narrow nothing.
func TestSenderFindsThePersonOfASearchWithDays(t *testing.T) {
	eachSite(t, func(s *site) {
		path := "/support/accounts/" + s.user("user@example.org").ID
		sue := s.member("sue", staff.Sender)
		for _, text := range []string{"user@example.org today", "user@example.org last week", "user@example.org 2031-05-06", "is user@example.org here"} {
			sue.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To(path)
		}
	})
}

// The Message-ID in the log of a mail server opens the reset that the email belongs to, which
// may not be the newest of the person.
func TestMessageIDOpensItsReset(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		s.ask("user@example.org")
		vera, id := s.member("vera", staff.Viewer), s.db.Text(s.T, `SELECT message_id FROM reset_deliveries`)
		for _, text := range []string{id, "<" + id + ">", strings.ToUpper(id), "Message-ID: <" + id + ">", "postfix/cleanup[71]: 4BxYz12345: message-id=<" + id + ">"} {
			vera.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To("/support/resets/" + s.db.Text(s.T, `SELECT reset_id FROM reset_deliveries`))
		}
		s.member("sven", staff.Sender).Get("/support?q=" + url.QueryEscape(id)).Is(http.StatusSeeOther).To("/support/accounts/" + a.ID)
		const queue = "can't be searched for. Its log has the Message-ID beside it"
		for _, text := range []string{"4BxYz12345", "250 2.0.0 Ok: queued as 4BxYz12345"} {
			vera.Get("/support?q="+url.QueryEscape(text)).Is(http.StatusOK).Shows("main", queue)
		}
		for _, text := range []string{"lindgren", "203.0.113", "203.0.113.*", "T-4711", "28 November"} {
			vera.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusOK).Lacks(queue)
		}
		vera.Get("/support?q=00000000-0000-4000-8000-000000000000@example.org").Is(http.StatusOK).Has(".people", 0)
		// That of an email to somebody without an account opens the search for the address.
		s.signUpAsked("new@example.org")
		signUp := s.db.Text(s.T, `SELECT message_id FROM reset_deliveries WHERE kind = 'signup_confirm'`)
		vera.Get("/support?q=" + url.QueryEscape("<"+signUp+">")).Is(http.StatusSeeOther).To("/support?q=new%40example.org")
		s.member("sue", staff.Sender).Get("/support?q="+url.QueryEscape(signUp)).Is(http.StatusOK).Shows("main", "Nobody was found")
	}, signUpOn)
}

// A list of people that may not be complete says so.
func TestManyPeopleAreNotAllListed(t *testing.T) {
	eachSite(t, func(s *site) {
		for i := range 19 {
			s.user(fmt.Sprintf("user%d@example.org", i))
		}
		vera := s.member("vera", staff.Viewer)
		const more = "there may be more"
		if p := vera.Get("/support?q=ser").Is(http.StatusOK).Has(".people tbody tr", 19); strings.Contains(p.Body, more) {
			s.Error("19 people: the page says that there may be more")
		}
		s.user("last@users.example.org")
		vera.Get("/support?q=ser").Is(http.StatusOK).Has(".people tbody tr", 20).Shows("main", more)
	})
}
