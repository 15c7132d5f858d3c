package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/users"
)

// act posts an action on the page of a person.
func (b *browser) act(id, action, reason string) page {
	b.Helper()
	return b.Post("/support/accounts/"+url.PathEscape(id), "action", action, "reason", reason)
}

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

// A person found by a part is opened at once only if nobody else's resets match.
// A page promises to which address it sends a link.
func TestLinkGoesToTheShownAddressOrNowhere(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		s.ask(u.Email)
		first := s.resets()[0].ID.String()
		agent, sender := s.member("arno", staff.Agent), s.member("sven", staff.Sender)
		shown := func(b *browser, path string) string {
			return b.Get(path).Is(http.StatusOK).Find("[name=address]").AttrOr("value", "")
		}
		for _, form := range []struct {
			by                           *browser
			path, action, field, problem string
		}{
			{agent, "/support/resets/" + first, "/send", "send_reason", "#send_reason-problem"},
			{agent, "/support/accounts/" + u.ID, "", "reason", "#reason-problem"},
			{sender, "/support/accounts/" + u.ID, "", "reason", "#reason-problem"},
		} {
			s.db.SQL(s.T, `UPDATE users SET email = 'user@example.org'`)
			send := func(address string) page {
				pairs := []string{form.field, "called", "address", address}
				if form.action == "" {
					pairs = append(pairs, "action", "send_link_to")
				}
				return form.by.Post(form.path+form.action, pairs...)
			}
			address := shown(form.by, form.path)
			s.db.SQL(s.T, `UPDATE users SET email = 'stranger@example.org'`)
			before := len(s.resets())
			send(address).Is(http.StatusUnprocessableEntity).Shows(form.problem, "another address now").Shows("main", "stranger@example.org")
			if got := len(s.resets()); got != before {
				s.Errorf("%s: %d new links to an address that was not shown", form.path, got-before)
			}
			send(shown(form.by, form.path)).Is(http.StatusSeeOther)
		}
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
		p.Shows(".situation", "Asked once in the last 24 hours; the last link was used at 2031-05-06 07:13:10 UTC from 203.0.113.5.")
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

// An address without an account may be one of a sign-up that nobody confirmed.
func TestSearchForAnAddressWithoutAnAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.browser().signUp("new@example.org").Is(http.StatusSeeOther)
		s.mails()
		s.row(func(r *reset.Reset) { r.Email, r.Withheld = "asked@example.org", reset.WithheldNoAccount })
		vera := s.member("vera", staff.Viewer)
		const nobody = "No account has the address "
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

// A deleted account and an id of any form have a page.
func TestPageOfAnAccountWithAnUnusualID(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		for _, id := range []string{"customer 7", "50%", "a?b=c", "a#b", "ä+ö&ü", `a"b'c<d>`, "%2e%2e", "realm/7"} {
			s.clock.Add(time.Second)
			s.row(func(r *reset.Reset) { r.UserID = id })
			link := b.Get("/support").Find(".rows tbody td:nth-child(4) a").First().AttrOr("href", "")
			p := b.Get(link).Is(http.StatusOK).Has(".timeline .asked", 1).Shows("main", "no such account", "no account")
			if got := p.Find(".facts code").Text(); got != id {
				s.Errorf("%q: the link %q shows %q", id, link, got)
			}
			b.Get("/support?q=" + url.QueryEscape(id)).Is(http.StatusSeeOther).To(link)
		}
		for _, id := range []string{"nobody", "a/b", "%27%3B--", strings.Repeat("x", 3000), uuid.NewString()} {
			b.Get("/support/accounts/"+id).Is(http.StatusOK).Has(".timeline", 0).Shows(".situation", "No request of this person is on record.")
		}
		for _, none := range []string{"", "%00", "%ff"} {
			b.Get("/support/accounts/" + none).Is(http.StatusNotFound)
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

// Each action needs a reason, is recorded before it happens, and works.
func TestStaffActOnAPerson(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		signedIn := s.browser()
		signedIn.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		arno := s.member("arno", staff.Agent)
		path := "/support/accounts/" + a.ID
		done := func(action string, buttons string) {
			s.Helper()
			arno.act(a.ID, action, " \t").Is(http.StatusUnprocessableEntity).Has(`#reason[aria-invalid="true"]`, 1)
			long := strings.Repeat("x", 501)
			if p := arno.act(a.ID, action, long).Is(http.StatusUnprocessableEntity).Shows("#reason-problem", "This is too long"); p.Find("#reason").Text() != long {
				s.Errorf("%s: the typed reason was lost", action)
			}
			arno.act(a.ID, action, "ticket 4711").Is(http.StatusSeeOther).To(path + "?done=" + action)
			p := arno.Get(path+"?done="+action).Is(http.StatusOK).Has(".done", 1)
			var got []string
			for _, button := range p.Find(".act button").EachIter() {
				got = append(got, button.AttrOr("value", ""))
			}
			if strings.Join(got, " ") != buttons {
				s.Errorf("after %s the buttons are %q, want %q", action, got, buttons)
			}
			s.stored(`SELECT count(*) FROM reset_audit WHERE action = '`+action+`' AND target = '`+a.ID+`' AND refused = '' AND reason = 'ticket 4711'`, "1")
		}
		s.clock.Add(time.Minute)
		done("send_link_to", "send_link_to note revoke_all users_end_sessions users_disable") // nobody asked for a link before
		link := s.linkIn(s.mails()[0])
		s.browser().OpenLink(link)
		done("revoke_all", "send_link_to note users_end_sessions users_disable")
		s.browser().Get(link).Is(http.StatusGone)
		done("users_end_sessions", "send_link_to note users_end_sessions users_disable")
		signedIn.Get("/password-change").Is(http.StatusSeeOther)
		done("users_disable", "note users_enable")
		s.accepts("user@example.org", oldPassword, false)
		arno.act(a.ID, "send_link_to", "x").Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "No link can be sent")
		done("users_enable", "send_link_to note users_end_sessions users_disable")
		s.accepts("user@example.org", oldPassword, true)
		done("note", "send_link_to note users_end_sessions users_disable")
		arno.act(a.ID, "purge", "x").Is(http.StatusBadRequest)
		arno.act(uuid.NewString(), "users_disable", "x").Is(http.StatusNotFound)
		s.wantEvents(a.ID, "signed_in", "sessions_ended", "disabled", "sign_in_failed", "enabled", "signed_in")
	})
}

// A sender sends a link and sees only that it was sent.
func TestSenderOnlySends(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org", func(u *users.User) { u.Name = "Example User" })
		s.user("other@example.org", func(u *users.User) { u.Name = "Example Other" })
		s.row(func(r *reset.Reset) { r.UserID = a.ID })
		b := s.member("sam", staff.Sender)
		b.Get("/support").Is(http.StatusOK).Has("nav a", 1).Has(".rows", 0)
		b.Get("/support?q=example").Is(http.StatusOK).Has(".people tbody tr", 2).Has(".rows", 0)
		b.Get("/support?q=user@example.org").Is(http.StatusSeeOther).To("/support/accounts/" + a.ID)
		b.Get("/support?q=203.0.113.0%2F99").Is(http.StatusUnprocessableEntity)
		p := b.Get("/support/accounts/"+a.ID).Is(http.StatusOK).Shows("main", "user@example.org", "Example User").Has(".timeline", 0).Has("main .facts dd", 1)
		if strings.Contains(p.Body, testkit.Visitor.IP.String()) {
			s.Error("a sender sees an IP address")
		}
		b.act(a.ID, "send_link_to", "").Is(http.StatusUnprocessableEntity).Has(".timeline", 0)
		b.act(a.ID, "send_link_to", "she called").Is(http.StatusSeeOther).To("/support/accounts/" + a.ID + "?done=send_link_to")
		b.Get("/support/accounts/"+a.ID+"?done=send_link_to").Shows(".done", "A new link was made")
		if mails := s.mails(); len(mails) != 1 || mails[0].To[0] != "user@example.org" {
			s.Errorf("%d emails, want one to the stored address", len(mails))
		}
		for _, action := range []string{"note", "revoke_all", "unlock", "users_end_sessions", "users_disable", "users_enable"} {
			b.act(a.ID, action, "x").Is(http.StatusForbidden)
		}
		for _, path := range []string{"/resets.csv", "/resets.json", "/resets/" + s.resets()[0].ID.String(), "/overview", "/audit"} {
			b.Get("/support" + path).Is(http.StatusForbidden)
		}
		b.Get("/support/accounts/nobody").Is(http.StatusNotFound)
	})
}

// If the session ended while a member typed a reason, the reason is there again after
// the sign-in, and nothing was done.
func TestReasonSurvivesTheEndOfTheSession(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		b := s.member("arno", staff.Agent)
		path := "/support/accounts/" + a.ID
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		const reason = "she called <4711>"
		b.act(a.ID, "users_disable", reason).Is(http.StatusSeeOther).To("/support/login")
		p := b.Get("/support/login").Is(http.StatusOK)
		if p.Field("reason") != reason || p.Field("next") != path {
			s.Errorf("the sign-in page keeps %q for %q", p.Field("reason"), p.Field("next"))
		}
		again := []string{"next", path, "reason", reason}
		if p = b.staffLogin("arno", "wrong", "", again...).Is(http.StatusUnprocessableEntity); p.Field("reason") != reason {
			s.Error("a wrong password loses the reason")
		}
		b.staffLogin("arno", oldPassword, "", again...).Is(http.StatusSeeOther).To(path)
		if got := b.Get(path).Is(http.StatusOK).Shows(".done", "nothing was done").Find("#reason").Text(); got != reason {
			s.Errorf("the reason is %q", got)
		}
		if got := b.Get(path).Find("#reason").Text(); got != "" {
			s.Errorf("the reason stays: %q", got)
		}
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'users_disable'`, "0")
		s.ask("user@example.org")
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		one := "/support/resets/" + s.resets()[0].ID.String()
		b.Post(one+"/revoke", "revoke_reason", reason).Is(http.StatusSeeOther).To("/support/login")
		if p = b.Get("/support/login"); p.Field("next") != one {
			s.Errorf("the sign-in page leads to %q", p.Field("next"))
		}
		b.Post(one + "/revoke").Is(http.StatusSeeOther).To("/support/login")
	})
}

// A reason that is too long is kept too, to be shortened, and recorded as what it is.
func TestLongReasonIsKept(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		b := s.member("arno", staff.Agent)
		path, long := "/support/accounts/"+a.ID, strings.Repeat("ü", 600)
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		b.act(a.ID, "users_disable", long).Is(http.StatusSeeOther).To("/support/login")
		kept := b.Get("/support/login").Is(http.StatusOK).Field("reason")
		b.staffLogin("arno", oldPassword, "", "next", path, "reason", kept).Is(http.StatusSeeOther)
		if got := b.Get(path).Find("#reason").Text(); got != long {
			s.Errorf("%d bytes of the reason are left, of %d", len(got), len(long))
		}
		b.act(a.ID, "users_disable", long).Is(http.StatusUnprocessableEntity)
		s.member("ada", staff.Admin).Get("/support/audit?what=refused").Shows(".rows", "the reason was too long")
		b.act(a.ID, "note", strings.Repeat("x\r\n", 250)).Is(http.StatusSeeOther) // browsers send line breaks so
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		b.act(a.ID, "users_disable", strings.Repeat("x", 20_000)).Is(http.StatusSeeOther)
		if kept := b.Get("/support/login").Field("reason"); len(kept) < 2000 || len(b.Cookie("resetd_typed")) > 4000 {
			s.Errorf("%d bytes are kept, in a cookie of %d", len(kept), len(b.Cookie("resetd_typed")))
		}
	})
}

// The error page shows the reason that was typed, unless another site sent the form.
func TestReasonSurvivesAnOutage(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		b := s.member("arno", staff.Agent)
		const reason = "she called <4711>"
		for _, table := range []string{"reset_audit", "reset_staff_sessions"} { // after and before the session was read
			s.db.SQL(s.T, `ALTER TABLE `+table+` RENAME TO gone`)
			b.act(a.ID, "users_disable", reason).Is(http.StatusInternalServerError).Shows("main pre", reason)
			s.db.SQL(s.T, `ALTER TABLE gone RENAME TO `+table)
		}
		s.db.SQL(s.T, `ALTER TABLE reset_staff_sessions RENAME TO gone`)
		b.With("Sec-Fetch-Site", "cross-site").act(a.ID, "users_disable", reason).Is(http.StatusForbidden).Has("main pre", 0)
		s.db.SQL(s.T, `ALTER TABLE gone RENAME TO reset_staff_sessions`)
	})
}

// In an application's directory people are found too, but only what resetd can do is
// offered.
func TestPersonOfAnotherApplication(t *testing.T) {
	besideApplication(t, "django", djangoUser, func(s *site) {
		members, err := newStaff(s.app.cfg, s.app.store)
		s.must(err)
		_, err = members.Add(s.Context(), staff.Operator(), staff.Newcomer{Name: "arno", Role: staff.Agent, Password: oldPassword, Again: oldPassword, NoTOTP: true})
		s.must(err)
		b := s.browser()
		b.staffLogin("arno", oldPassword, "").Is(http.StatusSeeOther)
		for _, text := range []string{"ada@example.org", "7", "ada", "DA@exam"} {
			b.Get("/support?q=" + text).Is(http.StatusSeeOther).To("/support/accounts/7")
		}
		p := b.Get("/support/accounts/7").Is(http.StatusOK).Shows(".who", "Ada@Example.org", "not known here")
		if got := p.Find(".act button").Length(); got != 2 {
			s.Errorf("%d buttons, want those to send a link and to leave a note", got)
		}
		for _, action := range []string{"users_end_sessions", "users_disable", "users_enable"} {
			b.act("7", action, "x").Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "Only the application")
		}
		b.act("7", "send_link_to", "she called").Is(http.StatusSeeOther)
		if mails := s.mails(); len(mails) != 1 || mails[0].To[0] != "Ada@Example.org" {
			s.Errorf("%d emails, want one to the stored address", len(mails))
		}
	})
}

// The Message-ID in the log of a mail server opens the person whom the email was for.
func TestMessageIDOpensThePerson(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		s.ask("user@example.org")
		vera, id := s.member("vera", staff.Viewer), s.db.Text(s.T, `SELECT message_id FROM reset_deliveries`)
		for _, text := range []string{id, "<" + id + ">", strings.ToUpper(id)} {
			vera.Get("/support?q=" + url.QueryEscape(text)).Is(http.StatusSeeOther).To("/support/accounts/" + a.ID)
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

// The form asks for days in the zone of the reader, like every other page.
func TestDaysOfASearchAreTheReaders(t *testing.T) {
	eachSite(t, func(s *site) {
		s.row(func(r *reset.Reset) {
			r.CreatedAt = r.CreatedAt.Truncate(24 * time.Hour).Add(-time.Hour)
			r.ExpiresAt = r.CreatedAt.Add(time.Hour)
		})
		vera := s.member("vera", staff.Viewer)
		vera.Get("/support").Has(`input[name="zone"]`, 0).Shows(".search", "From day (UTC)")
		vera.With("Cookie", "resetd_zone=Europe/Berlin")
		p := vera.Get("/support").Shows(".search", "From day (Europe/Berlin)").Has(`input[name="zone"][value="Europe/Berlin"]`, 1)
		day := s.clock.Now().Format(time.DateOnly)
		p = vera.Get("/support?since=" + day + "&until=" + day + "&zone=" + url.QueryEscape(p.Field("zone")))
		if len(listed(p)) != 1 {
			s.Errorf("%d resets of the day, want one", len(listed(p)))
		}
		if p = vera.Get("/support?since="+day+"&until="+day).Shows(".search", "From day (UTC)"); len(listed(p)) != 0 {
			s.Errorf("%d resets of the day in UTC, want none", len(listed(p)))
		}
	})
}
