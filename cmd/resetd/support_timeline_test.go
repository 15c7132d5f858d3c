package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/users"
)

// tells returns the kinds of the entries of a timeline, newest first.
func tells(p page) (all []string) {
	for _, li := range p.Find(".story .timeline li").EachIter() {
		all = append(all, li.AttrOr("class", ""))
	}
	return all
}

// The page of a person shows everything that happened, in one timeline.
func TestTimelineOfAPersonIsComplete(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().signUp("user@example.org")
		confirm := s.signUpLinkIn(s.mails()[0])
		s.clock.Add(time.Minute)
		s.from("203.0.113.7").finish(confirm, oldPassword).Is(http.StatusSeeOther)
		id := s.db.Text(s.T, `SELECT id FROM users`)
		s.clock.Add(time.Minute)
		s.from("198.51.100.7").login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		s.clock.Add(time.Minute)
		s.from("198.51.100.7").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		s.clock.Add(time.Minute)
		link := s.ask("user@example.org")
		s.clock.Add(time.Second)
		s.scan(link)
		s.clock.Add(time.Minute)
		person := s.person("203.0.113.5")
		person.Choose(person.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
		s.mails()
		s.clock.Add(time.Minute)
		arno := s.member("arno", staff.Agent)
		arno.act(id, "note", "called; ticket 4711").Is(http.StatusSeeOther)
		p := arno.Get("/support/accounts/" + id).Is(http.StatusOK)
		want := "staff notice_sent used opened opened_scanner sent asked signed_in sign_in_failed signed_up mail_sent signup"
		if got := strings.Join(tells(p), " "); got != want {
			s.Errorf("the timeline is %q, want %q", got, want)
		}
		p.Shows(".timeline .used", "203.0.113.5", "Firefox 140 on Windows").Shows(".timeline .opened_scanner", "looks like a mail scanner")
		p.Shows(".timeline .asked", "used", "email accepted").Shows(".timeline .staff", "note", "arno", "called; ticket 4711").Shows(".story > .hint", "a second line has the reason")
		if ids := p.Find(".timeline .sent code").Text(); !strings.HasSuffix(ids, "@example.org") {
			s.Errorf("the Message-ID is %q", ids)
		}
		p.Shows(".who", "user@example.org", "active", "Created", "2031-05-06 07:09:09 UTC", "Last sign-in", "2031-05-06 07:11:09 UTC")
		p.Shows(".situation", "Asked once in the last 24 hours; the last request came at 2031-05-06 07:12:09 UTC from an IP address that is not known; 127.0.0.1:", "accepted the email with the last link at 2031-05-06 07:12:09 UTC; the link was used at 2031-05-06 07:13:10 UTC from 203.0.113.5.")
		for kind, want := range map[string]string{
			"emails": "notice_sent sent mail_sent", "opens": "opened opened_scanner", "sign_ins": "signed_in sign_in_failed", "changes": "used signed_up signup",
			"staff": "staff", "resets": "used opened opened_scanner asked", "<script>": want,
		} {
			if got := strings.Join(tells(arno.Get("/support/accounts/"+id+"?kind="+url.QueryEscape(kind)).Is(http.StatusOK)), " "); got != want {
				s.Errorf("%s: got %q, want %q", kind, got, want)
			}
		}
	}, behindProxy, signUpOn)
}

// Requests that found no account, or came too soon, are on the page of the person with
// that address, present or former.
func TestTimelineContainsRequestsWithoutALink(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("new@example.org")
		s.row(func(r *reset.Reset) { r.UserID, r.Email = a.ID, "old@example.org" })
		for _, email := range []string{"old@example.org", "new@example.org", "other@example.org"} {
			s.clock.Add(time.Second)
			s.row(func(r *reset.Reset) { r.Email, r.Withheld = email, reset.WithheldThrottled })
		}
		p := s.member("vera", staff.Viewer).Get("/support/accounts/" + a.ID).Is(http.StatusOK)
		p.Shows(".facts", "Other addresses on recordold@example.org").Shows(".situation", "Asked 3 times", "came too soon after others").Has(".timeline .asked", 3).Shows(".timeline", "for old@example.org", "asked too often")
	})
}

// The top of the page says by whom the last link was made, if the person did not ask for it.
func TestSituationSaysWhoMadeTheLastLink(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.clock.Add(time.Minute)
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		s.settled()
		id, arno := s.db.Text(s.T, `SELECT id FROM users`), s.member("arno", staff.Agent)
		denied := s.db.Text(s.T, `SELECT id FROM password_resets WHERE requested_by = 'user'`)
		p := arno.Get("/support/accounts/"+id).Is(http.StatusOK).Shows(".situation", "the last link was made after “this wasn't me” at 2031-05-06")
		p.Shows(".timeline .rescue", "about the reset "+denied[:8]).Shows(".timeline .not_me", "followed by the reset")
		s.clock.Add(time.Minute)
		arno.act(id, "send_link_to", "she called").Is(http.StatusSeeOther)
		arno.Get("/support/accounts/"+id).Shows(".situation", "the last link was made by arno of the staff at 2031-05-06")
	})
}

// The top of the page says what happened to the account without a link: a code of the desk,
// a new password, a lock.
func TestSituationSaysWhatHappenedWithoutALink(t *testing.T) {
	eachSite(t, func(s *site) {
		a, arno := s.user("user@example.org"), s.member("arno", staff.Agent)
		path := "/support/accounts/" + a.ID
		shown := func(want string) {
			s.Helper()
			arno.Get(path).Is(http.StatusOK).Shows(".situation", want)
		}
		shown("No request for a link is on record.")
		s.clock.Add(time.Minute)
		arno.Post(path, "action", "mail_code").Is(http.StatusSeeOther)
		code := s.deskCode()
		shown("No request for a link is on record; a code to verify the caller was emailed by arno of the staff at 2031-05-06 07:09:09 UTC.")
		s.clock.Add(time.Minute)
		arno.Post(path, "action", "type_code", "code", code).Is(http.StatusSeeOther)
		shown("; the right code for the caller was typed by arno of the staff at 2031-05-06 07:10:09 UTC.")
		s.ask(a.Email)
		s.clock.Add(time.Minute)
		s.must(s.app.resets.Assign(s.Context(), a, newPassword, newPassword))
		shown("Asked once in the last 24 hours; the last request came at 2031-05-06 07:10:09 UTC from an IP address that is not known; the password was changed on the command line at 2031-05-06 07:11:09 UTC; the right code")
		for range 3 {
			s.person("198.51.100.7").login("user@example.org", "wrong")
		}
		shown("signing in is locked in part until 2031-05-06 07:26:09 UTC.")
		arno.Get(path).Shows(".locks", "followed failures from 198.51.100.7.").Has(".person > .story ~ .help", 1).Has(`.who a[href="#help"]`, 1) // what happened comes first, also on a phone
		s.clock.Add(48 * time.Hour)
		arno = s.member("bea", staff.Agent)
		shown("Last asked at 2031-05-06 07:10:09 UTC from an IP address that is not known; the password was changed on the command line at 2031-05-06 07:11:09 UTC.")
	}, deskCheck("offer"), limits("0", "0", "0", "2/15m"))
}

// Pages of a timeline overlap nowhere and leave nothing out, also if much happened at
// the same moment.
func TestTimelineHasPages(t *testing.T) {
	eachSite(t, func(s *site) {
		a, vera := s.user("user@example.org"), s.member("vera", staff.Viewer)
		for i := range 130 {
			at := s.clock.Now().Add(-time.Duration(i/3) * time.Hour) // three at a time
			if i < 50 {
				at = s.clock.Now() // and many at once
			}
			e := reset.Event{UserID: a.ID, At: at, Kind: reset.EventSignedIn, Actor: reset.ActorUser, IP: testkit.Visitor.IP, Agent: testkit.Visitor.Agent, Detail: strconv.Itoa(i)}
			s.must(s.app.resets.Record(s.Context(), "", e))
		}
		seen, pages := map[string]bool{}, 0
		for next := "/support/accounts/" + a.ID; next != ""; pages++ {
			p := vera.Get(next).Is(http.StatusOK)
			for _, li := range p.Find(".timeline li .soft").EachIter() {
				if number := li.Text(); seen[number] {
					s.Errorf("%s is on two pages", number)
				} else {
					seen[number] = true
				}
			}
			if next = p.Find(`a[rel="next"]`).AttrOr("href", ""); pages > 10 {
				s.Fatal("the pages do not end")
			}
		}
		if len(seen) != 130 || pages < 2 {
			s.Errorf("%d entries on %d pages, want 130 on several", len(seen), pages)
		}
		for _, bad := range []string{"x", "-1", "0", "99999999999999999999", "1.5"} {
			vera.Get("/support/accounts/"+a.ID+"?before="+bad).Is(http.StatusOK).Has(".pager a", 1)
		}
	})
}

// The first page shows what happened lately, also to requests that a later page shows.
func TestTimelineShowsLateMomentsOfEarlierRequests(t *testing.T) {
	eachSite(t, func(s *site) {
		a, arno := s.user("user@example.org"), s.member("arno", staff.Agent)
		event := func(of reset.ID, kind reset.EventKind) {
			e := reset.Event{ResetID: of, At: s.clock.Now(), Kind: kind, Actor: reset.ActorUser, IP: testkit.Visitor.IP, Agent: testkit.Visitor.Agent}
			if of == (reset.ID{}) {
				e.UserID = a.ID
			}
			s.must(s.app.resets.Record(s.Context(), "", e))
		}
		ofUser := func(r *reset.Reset) { r.UserID = a.ID }
		bounced, regretted, quiet := s.row(ofUser), s.row(ofUser), s.row(ofUser)
		s.clock.Add(2 * 24 * time.Hour)
		for range 2 * 40 {
			event(reset.ID{}, reset.EventSignedIn)
			s.clock.Add(time.Second)
		}
		event(bounced.ID, reset.EventBounced)
		arno.Post("/support/resets/"+regretted.ID.String()+"/revoke", "revoke_reason", "too late").Is(http.StatusUnprocessableEntity)
		p := arno.Get("/support/accounts/" + a.ID).Is(http.StatusOK)
		p.Has(".timeline .bounced", 1).Shows(".timeline .staff", "too late", regretted.ID.String()[:8]).Has(".timeline .asked", 0)
		if strings.Contains(p.Find(".timeline").Text(), quiet.ID.String()[:8]) {
			s.Error("the first page shows a request to which nothing happened lately")
		}
	})
}

// Each entry has a link of its own, which shows it.
func TestEntryHasALink(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		for range 3 {
			s.clock.Add(time.Minute)
			s.row(func(r *reset.Reset) { r.UserID = a.ID })
		}
		vera := s.member("vera", staff.Viewer)
		p := vera.Get("/support/accounts/" + a.ID).Is(http.StatusOK)
		for i, link := range p.Find(".timeline .at").EachIter() {
			path, id, _ := strings.Cut(link.AttrOr("href", ""), "#")
			vera.Get(path).Is(http.StatusOK).Has(".timeline li#"+id, 1)
			if n := len(tells(vera.Get(path))); n != 3-i {
				s.Errorf("entry %d: %d entries, want it to be the first", i, n)
			}
		}
	})
}

// The lines for a ticket are ten, with the zone and the ids.
func TestTicketHasTenLines(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org", func(u *users.User) { u.Name = "Line\nBreak" })
		s.ask("user@example.org")
		vera := s.member("vera", staff.Viewer)
		text := vera.Get("/support/accounts/" + a.ID).Is(http.StatusOK).Find("#ticket").Text()
		if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) != 10 {
			s.Errorf("%d lines:\n%s", len(lines), text)
		}
		for _, want := range []string{"<user@example.org>", a.ID, s.resets()[0].ID.String(), "2031-05-06 07:08:09 UTC", "Message-ID <", s.url + "/support/accounts/" + a.ID} {
			if !strings.Contains(text, want) {
				s.Errorf("%q is missing in\n%s", want, text)
			}
		}
	})
}

// Times are in the zone that the browser sent; an invalid zone is UTC.
func TestTimesAreInTheReadersZone(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		s.row(func(r *reset.Reset) { r.UserID = a.ID })
		i := 0
		for zone, want := range map[string]string{
			"Pacific/Auckland": "19:08:09 NZST", "America/New_York": "03:08:09 EDT", "": "07:08:09 UTC", "../../etc/passwd": "07:08:09 UTC", "Nowhere/Atall": "07:08:09 UTC", "Local": "07:08:09 UTC",
		} {
			i++
			b := s.member("vera"+strconv.Itoa(i), staff.Viewer)
			b.SetCookies(&http.Cookie{Name: "resetd_zone", Value: zone})
			p := b.Get("/support/accounts/"+a.ID).Is(http.StatusOK).Shows(".timeline .asked", "2031-05-06 "+want)
			if utc := p.Find(".timeline .asked time").AttrOr("title", ""); utc != "2031-05-06 07:08:09 UTC" {
				s.Errorf("%s: the exact time is %q", zone, utc)
			}
		}
	})
}
