package main

import (
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
	return b.post("/support/accounts/"+url.PathEscape(id), "action", action, "reason", reason)
}

// names returns the people that a search lists.
func (p page) names() (all []string) {
	for _, a := range p.doc.Find(".people tbody td:first-child a").EachIter() {
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
			"anna@example.org": anna.ID, "former@example.com": anna.ID, "anna": anna.ID,
		} {
			b.get("/support?q=" + url.QueryEscape(text)).is(http.StatusSeeOther).to("/support/accounts/" + want)
		}
		p := b.get("/support?q=Example").is(http.StatusOK)
		if got := p.names(); !slices.Equal(got, []string{"anna@example.org", "ben@example.org"}) {
			s.Errorf("listed: %q", got)
		}
		if got := p.listed(); len(got) != 1 {
			s.Errorf("%d resets, want the one with the part in its address", len(got))
		}
		b.get("/support?q=nobody").is(http.StatusOK).has(".people", 0)
		// A filter, a further page and a list of resets are not for people.
		for _, query := range []string{"q=ben@example.org&status=used", "q=ben@example.org&only=resets", "q=ben@example.org&since=2031-05-06"} {
			b.get("/support?"+query).is(http.StatusOK).has(".people", 0)
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
			return b.get(path).is(http.StatusOK).doc.Find("[name=address]").AttrOr("value", "")
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
				return form.by.post(form.path+form.action, pairs...)
			}
			address := shown(form.by, form.path)
			s.db.SQL(s.T, `UPDATE users SET email = 'stranger@example.org'`)
			before := len(s.resets())
			send(address).is(http.StatusUnprocessableEntity).contains(form.problem, "another address now").contains("main", "stranger@example.org")
			if got := len(s.resets()); got != before {
				s.Errorf("%s: %d new links to an address that was not shown", form.path, got-before)
			}
			send(shown(form.by, form.path)).is(http.StatusSeeOther)
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
			b.get("/support?q=" + url.QueryEscape(s.url+link+".")).is(http.StatusSeeOther)
			b.get("/support/resets.csv?q=" + token)
			b.get("/support?q=%ZZ" + token)
			b.act(u.ID, "send_link_to", "has only "+link)
		}
		b := s.member("ada", staff.Admin)
		b.get("/support/audit?whom=" + token).is(http.StatusOK)
		list := b.get("/support?q=" + token).is(http.StatusSeeOther).header.Get("Location")
		if got := b.get(list).listed(); len(got) != 1 {
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
		p := s.member("vera", staff.Viewer).get("/support?q=smithson").is(http.StatusOK)
		if len(p.names()) != 1 || len(p.listed()) != 1 {
			s.Errorf("listed: %q and %d resets, want one of each", p.names(), len(p.listed()))
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
		p := b.get("/support?q=ser@example").is(http.StatusOK).contains(".flags", "could not be searched")
		if len(p.listed()) != 1 {
			s.Errorf("%d resets, want one", len(p.listed()))
		}
	})
}

// tells returns the kinds of the entries of a timeline, newest first.
func (p page) tells() (all []string) {
	for _, li := range p.doc.Find(".story .timeline li").EachIter() {
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
		s.from("203.0.113.7").finish(confirm, oldPassword).is(http.StatusSeeOther)
		id := s.db.Text(s.T, `SELECT id FROM users`)
		s.clock.Add(time.Minute)
		s.from("198.51.100.7").login("user@example.org", "wrong").is(http.StatusUnprocessableEntity)
		s.clock.Add(time.Minute)
		s.from("198.51.100.7").login("user@example.org", oldPassword).is(http.StatusSeeOther)
		s.clock.Add(time.Minute)
		link := s.ask("user@example.org")
		s.clock.Add(time.Second)
		s.scan(link)
		s.clock.Add(time.Minute)
		person := s.person("203.0.113.5")
		person.choose(person.open(link), newPassword, newPassword).is(http.StatusSeeOther)
		s.mails()
		s.clock.Add(time.Minute)
		arno := s.member("arno", staff.Agent)
		arno.act(id, "note", "called; ticket 4711").is(http.StatusSeeOther)
		p := arno.get("/support/accounts/" + id).is(http.StatusOK)
		want := "staff notice_sent used opened opened_scanner sent asked signed_in sign_in_failed signed_up mail_sent signup"
		if got := strings.Join(p.tells(), " "); got != want {
			s.Errorf("the timeline is %q, want %q", got, want)
		}
		p.contains(".timeline .used", "203.0.113.5", "Firefox 140 on Windows").contains(".timeline .opened_scanner", "looks like a mail scanner")
		p.contains(".timeline .asked", "used", "email accepted").contains(".timeline .staff", "note", "arno", "called; ticket 4711")
		if ids := p.doc.Find(".timeline .sent code").Text(); !strings.HasSuffix(ids, "@example.org") {
			s.Errorf("the Message-ID is %q", ids)
		}
		p.contains(".who", "user@example.org", "active", "Created", "2031-05-06 07:09:09 UTC", "Last sign-in", "2031-05-06 07:11:09 UTC")
		p.contains(".situation", "Asked once in the last 24 hours; the last link was used at 2031-05-06 07:13:10 UTC from 203.0.113.5.")
		for kind, want := range map[string]string{
			"emails": "notice_sent sent mail_sent", "opens": "opened opened_scanner", "sign_ins": "signed_in sign_in_failed", "changes": "used signed_up signup",
			"staff": "staff", "resets": "used opened opened_scanner asked", "<script>": want,
		} {
			if got := strings.Join(arno.get("/support/accounts/"+id+"?kind="+url.QueryEscape(kind)).is(http.StatusOK).tells(), " "); got != want {
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
		p := s.member("vera", staff.Viewer).get("/support/accounts/" + a.ID).is(http.StatusOK)
		p.contains(".situation", "Asked 3 times", "came too soon after others").has(".timeline .asked", 3).contains(".timeline", "for old@example.org", "asked too often")
	})
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
			p := vera.get(next).is(http.StatusOK)
			for _, li := range p.doc.Find(".timeline li .soft").EachIter() {
				if number := li.Text(); seen[number] {
					s.Errorf("%s is on two pages", number)
				} else {
					seen[number] = true
				}
			}
			if next = p.doc.Find(`a[rel="next"]`).AttrOr("href", ""); pages > 10 {
				s.Fatal("the pages do not end")
			}
		}
		if len(seen) != 130 || pages < 2 {
			s.Errorf("%d entries on %d pages, want 130 on several", len(seen), pages)
		}
		for _, bad := range []string{"x", "-1", "0", "99999999999999999999", "1.5"} {
			vera.get("/support/accounts/"+a.ID+"?before="+bad).is(http.StatusOK).has(".pager a", 1)
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
		p := vera.get("/support/accounts/" + a.ID).is(http.StatusOK)
		for i, link := range p.doc.Find(".timeline .at").EachIter() {
			path, id, _ := strings.Cut(link.AttrOr("href", ""), "#")
			vera.get(path).is(http.StatusOK).has(".timeline li#"+id, 1)
			if n := len(vera.get(path).tells()); n != 3-i {
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
			link := b.get("/support").doc.Find(".rows tbody td:nth-child(4) a").First().AttrOr("href", "")
			p := b.get(link).is(http.StatusOK).has(".timeline .asked", 1).contains("main", "no such account", "no account")
			if got := p.doc.Find(".facts code").Text(); got != id {
				s.Errorf("%q: the link %q shows %q", id, link, got)
			}
			b.get("/support?q=" + url.QueryEscape(id)).is(http.StatusSeeOther).to(link)
		}
		for _, id := range []string{"nobody", "a/b", "%27%3B--", strings.Repeat("x", 3000), uuid.NewString()} {
			b.get("/support/accounts/"+id).is(http.StatusOK).has(".timeline", 0).contains(".situation", "No request of this person is on record.")
		}
		for _, none := range []string{"", "%00", "%ff"} {
			b.get("/support/accounts/" + none).is(http.StatusNotFound)
		}
	})
}

// The lines for a ticket are ten, with the zone and the ids.
func TestTicketHasTenLines(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org", func(u *users.User) { u.Name = "Line\nBreak" })
		s.ask("user@example.org")
		vera := s.member("vera", staff.Viewer)
		text := vera.get("/support/accounts/" + a.ID).is(http.StatusOK).doc.Find("#ticket").Text()
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
			u, err := url.Parse(s.url + "/support")
			s.must(err)
			b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "resetd_zone", Value: zone}})
			p := b.get("/support/accounts/"+a.ID).is(http.StatusOK).contains(".timeline .asked", want)
			if utc := p.doc.Find(".timeline .asked time").AttrOr("title", ""); utc != "2031-05-06 07:08:09 UTC" {
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
		signedIn.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		arno := s.member("arno", staff.Agent)
		path := "/support/accounts/" + a.ID
		done := func(action string, buttons string) {
			s.Helper()
			arno.act(a.ID, action, " \t").is(http.StatusUnprocessableEntity).has(`#reason[aria-invalid="true"]`, 1)
			long := strings.Repeat("x", 501)
			if p := arno.act(a.ID, action, long).is(http.StatusUnprocessableEntity).contains("#reason-problem", "This is too long"); p.doc.Find("#reason").Text() != long {
				s.Errorf("%s: the typed reason was lost", action)
			}
			arno.act(a.ID, action, "ticket 4711").is(http.StatusSeeOther).to(path + "?done=" + action)
			p := arno.get(path+"?done="+action).is(http.StatusOK).has(".done", 1)
			var got []string
			for _, button := range p.doc.Find(".act button").EachIter() {
				got = append(got, button.AttrOr("value", ""))
			}
			if strings.Join(got, " ") != buttons {
				s.Errorf("after %s the buttons are %q, want %q", action, got, buttons)
			}
			if n := s.db.Text(s.T, `SELECT count(*) FROM reset_audit WHERE action = '`+action+`' AND target = '`+a.ID+`' AND refused = '' AND reason = 'ticket 4711'`); n != "1" {
				s.Errorf("%s is recorded %s times", action, n)
			}
		}
		s.clock.Add(time.Minute)
		done("send_link_to", "send_link_to note revoke_all users_end_sessions users_disable") // nobody asked for a link before
		link := s.linkIn(s.mails()[0])
		s.browser().open(link)
		done("revoke_all", "send_link_to note users_end_sessions users_disable")
		s.browser().get(link).is(http.StatusGone)
		done("users_end_sessions", "send_link_to note users_end_sessions users_disable")
		signedIn.get("/password-change").is(http.StatusSeeOther)
		done("users_disable", "note users_enable")
		if s.signsIn("user@example.org", oldPassword) {
			s.Error("a disabled account signs in")
		}
		arno.act(a.ID, "send_link_to", "x").is(http.StatusUnprocessableEntity).contains(`[role="alert"]`, "No link can be sent")
		done("users_enable", "send_link_to note users_end_sessions users_disable")
		if !s.signsIn("user@example.org", oldPassword) {
			s.Error("an enabled account can't sign in")
		}
		done("note", "send_link_to note users_end_sessions users_disable")
		arno.act(a.ID, "purge", "x").is(http.StatusBadRequest)
		arno.act(uuid.NewString(), "users_disable", "x").is(http.StatusNotFound)
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
		b.get("/support").is(http.StatusOK).has("nav a", 1).has(".rows", 0)
		b.get("/support?q=example").is(http.StatusOK).has(".people tbody tr", 2).has(".rows", 0)
		b.get("/support?q=user@example.org").is(http.StatusSeeOther).to("/support/accounts/" + a.ID)
		b.get("/support?q=203.0.113.0%2F99").is(http.StatusUnprocessableEntity)
		p := b.get("/support/accounts/"+a.ID).is(http.StatusOK).contains("main", "user@example.org", "Example User").has(".timeline", 0).has("main .facts dd", 1)
		if strings.Contains(p.body, testkit.Visitor.IP.String()) {
			s.Error("a sender sees an IP address")
		}
		b.act(a.ID, "send_link_to", "").is(http.StatusUnprocessableEntity).has(".timeline", 0)
		b.act(a.ID, "send_link_to", "she called").is(http.StatusSeeOther).to("/support/accounts/" + a.ID + "?done=send_link_to")
		b.get("/support/accounts/"+a.ID+"?done=send_link_to").contains(".done", "A new link was made")
		if mails := s.mails(); len(mails) != 1 || mails[0].To[0] != "user@example.org" {
			s.Errorf("%d mails, want one to the stored address", len(mails))
		}
		for _, action := range []string{"note", "revoke_all", "unlock", "users_end_sessions", "users_disable", "users_enable"} {
			b.act(a.ID, action, "x").is(http.StatusForbidden)
		}
		for _, path := range []string{"/resets.csv", "/resets.json", "/resets/" + s.resets()[0].ID.String(), "/overview", "/audit"} {
			b.get("/support" + path).is(http.StatusForbidden)
		}
		b.get("/support/accounts/nobody").is(http.StatusNotFound)
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
		b.act(a.ID, "users_disable", reason).is(http.StatusSeeOther).to("/support/login")
		p := b.get("/support/login").is(http.StatusOK)
		if p.value("reason") != reason || p.value("next") != path {
			s.Errorf("the sign-in page keeps %q for %q", p.value("reason"), p.value("next"))
		}
		again := []string{"next", path, "reason", reason}
		if p = b.staffLogin("arno", "wrong", "", again...).is(http.StatusUnprocessableEntity); p.value("reason") != reason {
			s.Error("a wrong password loses the reason")
		}
		b.staffLogin("arno", oldPassword, "", again...).is(http.StatusSeeOther).to(path)
		if got := b.get(path).is(http.StatusOK).contains(".done", "nothing was done").doc.Find("#reason").Text(); got != reason {
			s.Errorf("the reason is %q", got)
		}
		if got := b.get(path).doc.Find("#reason").Text(); got != "" {
			s.Errorf("the reason stays: %q", got)
		}
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_audit WHERE action = 'users_disable'`); n != "0" {
			s.Errorf("%s actions are recorded", n)
		}
		s.ask("user@example.org")
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		one := "/support/resets/" + s.resets()[0].ID.String()
		b.post(one+"/revoke", "revoke_reason", reason).is(http.StatusSeeOther).to("/support/login")
		if p = b.get("/support/login"); p.value("next") != one {
			s.Errorf("the sign-in page leads to %q", p.value("next"))
		}
		b.post(one + "/revoke").is(http.StatusSeeOther).to("/support/login")
	})
}

// A reason that is too long is kept too, to be shortened, and recorded as what it is.
func TestLongReasonIsKept(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		b := s.member("arno", staff.Agent)
		path, long := "/support/accounts/"+a.ID, strings.Repeat("ü", 600)
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		b.act(a.ID, "users_disable", long).is(http.StatusSeeOther).to("/support/login")
		kept := b.get("/support/login").is(http.StatusOK).value("reason")
		b.staffLogin("arno", oldPassword, "", "next", path, "reason", kept).is(http.StatusSeeOther)
		if got := b.get(path).doc.Find("#reason").Text(); got != long {
			s.Errorf("%d bytes of the reason are left, of %d", len(got), len(long))
		}
		b.act(a.ID, "users_disable", long).is(http.StatusUnprocessableEntity)
		s.member("ada", staff.Admin).get("/support/audit?what=refused").contains(".rows", "the reason was too long")
		b.act(a.ID, "note", strings.Repeat("x\r\n", 250)).is(http.StatusSeeOther) // browsers send line breaks so
		s.db.SQL(s.T, `DELETE FROM reset_staff_sessions`)
		b.act(a.ID, "users_disable", strings.Repeat("x", 20_000)).is(http.StatusSeeOther)
		if kept := b.get("/support/login").value("reason"); len(kept) < 2000 || len(b.cookie("resetd_typed")) > 4000 {
			s.Errorf("%d bytes are kept, in a cookie of %d", len(kept), len(b.cookie("resetd_typed")))
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
			b.act(a.ID, "users_disable", reason).is(http.StatusInternalServerError).contains("main pre", reason)
			s.db.SQL(s.T, `ALTER TABLE gone RENAME TO `+table)
		}
		s.db.SQL(s.T, `ALTER TABLE reset_staff_sessions RENAME TO gone`)
		b.with("Sec-Fetch-Site", "cross-site").act(a.ID, "users_disable", reason).is(http.StatusForbidden).has("main pre", 0)
		s.db.SQL(s.T, `ALTER TABLE gone RENAME TO reset_staff_sessions`)
	})
}

// In an application's directory people are found too, but only what resetd can do is
// offered.
func TestPersonOfAnotherApplication(t *testing.T) {
	besideApplication(t, "django", djangoUser, func(s *site) {
		members, err := newStaff(s.app.cfg, s.app.store)
		s.must(err)
		_, err = members.Add(s.Context(), staff.Newcomer{Name: "arno", Role: staff.Agent, Password: oldPassword, Again: oldPassword, NoTOTP: true})
		s.must(err)
		b := s.browser()
		b.staffLogin("arno", oldPassword, "").is(http.StatusSeeOther)
		for _, text := range []string{"ada@example.org", "7", "ada", "DA@exam"} {
			b.get("/support?q=" + text).is(http.StatusSeeOther).to("/support/accounts/7")
		}
		p := b.get("/support/accounts/7").is(http.StatusOK).contains(".who", "Ada@Example.org", "not known here")
		if got := p.doc.Find(".act button").Length(); got != 2 {
			s.Errorf("%d buttons, want those to send a link and to leave a note", got)
		}
		for _, action := range []string{"users_end_sessions", "users_disable", "users_enable"} {
			b.act("7", action, "x").is(http.StatusUnprocessableEntity).contains(`[role="alert"]`, "Only the application")
		}
		b.act("7", "send_link_to", "she called").is(http.StatusSeeOther)
		if mails := s.mails(); len(mails) != 1 || mails[0].To[0] != "Ada@Example.org" {
			s.Errorf("%d mails, want one to the stored address", len(mails))
		}
	})
}
