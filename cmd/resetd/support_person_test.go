package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/users"
	"resetd/internal/web"
)

// act posts an action on the page of a person.
func (b *browser) act(id, action, reason string) page {
	b.Helper()
	return b.Post("/support/accounts/"+url.PathEscape(id), "action", action, "reason", reason)
}

// A browser sends a form again by itself if the connection is cut before the answer.
func TestRepeatedFormActsOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		s.ask(u.Email)
		path, resetPath, agent := "/support/accounts/"+u.ID, "/support/resets/"+s.resets()[0].ID.String(), s.member("arno", staff.Agent)
		form := func(path string) string { return agent.Get(path).Is(http.StatusOK).Field("form") }
		for range 2 { // two pages, each with a form that is sent twice
			note, link, again := form(path), form(path), form(resetPath)
			for range 2 {
				agent.Post(path, "action", "note", "reason", "she called", "form", note).Is(http.StatusSeeOther)
				agent.Post(path, "action", "send_link_to", "reason", "T-1", "address", u.Email, "form", link).Is(http.StatusSeeOther)
				agent.Post(resetPath+"/send", "send_reason", "T-1", "address", u.Email, "form", again).Is(http.StatusSeeOther)
			}
		}
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'note'`, "2")
		s.stored(`SELECT count(*) FROM password_resets WHERE requested_by = 'staff:arno'`, "4")
		// A form that was refused can be corrected and sent again.
		agent.Post(path, "action", "note", "reason", "", "form", "f").Is(http.StatusUnprocessableEntity)
		agent.Post(path, "action", "note", "reason", "corrected", "form", "f").Is(http.StatusSeeOther)
		s.stored(`SELECT count(*) FROM reset_audit WHERE action = 'note'`, "4") // the refused one is on record, too
	})
}

// What a second time would find done already is recorded once as well, and is not refused.
func TestRepeatedFormIsRecordedOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		s.ask(u.Email)
		s.ask(u.Email)
		ada := s.member("ada", staff.Admin)
		const members, bea = "/support/members", "/support/members/bea"
		person, link := "/support/accounts/"+u.ID, "/support/resets/"+s.resets()[0].ID.String()
		for _, c := range []struct {
			action, page, to string
			fields           []string
		}{
			{"revoke", link, link + "/revoke", []string{"revoke_reason", "T-1"}},
			{"revoke_all", person, person, []string{"action", "revoke_all", "reason", "T-1"}},
			{"users_end_sessions", person, person, []string{"action", "users_end_sessions", "reason", "T-1"}},
			{"users_disable", person, person, []string{"action", "users_disable", "reason", "T-1"}},
			{"users_enable", person, person, []string{"action", "users_enable", "reason", "T-1"}},
			{"staff_add", members, members, []string{"name", "bea", "role", "viewer", "reason", "T-1"}},
			{"staff_link", bea, bea, []string{"action", "staff_link", "reason", "T-1"}},
			{"staff_role", bea, bea, []string{"action", "staff_role", "role", "agent", "reason", "T-1"}},
			{"staff_disable", bea, bea, []string{"action", "staff_disable", "reason", "T-1"}},
		} {
			fields := append(c.fields, "form", ada.Get(c.page).Is(http.StatusOK).Field("form"))
			for range 2 {
				ada.Post(c.to, fields...).Is(http.StatusSeeOther)
			}
			s.stored(`SELECT count(*) FROM reset_audit WHERE member = 'ada' AND action = '`+c.action+`'`, "1")
			if c.action == "staff_add" || c.action == "staff_link" {
				ada.Get(bea).Is(http.StatusOK).Has("#link-title", 1)
			}
		}
	})
}

// Of a double click the browser shows the second answer, which explains the problem, too.
func TestRepeatedFormIsRefusedTwice(t *testing.T) {
	eachSite(t, func(s *site) {
		path, agent := "/support/accounts/"+s.user("user@example.org").ID, s.member("arno", staff.Agent)
		form := agent.Get(path).Is(http.StatusOK).Field("form")
		for range 2 {
			agent.Post(path, "action", "send_link_to", "reason", "she called", "form", form).Is(http.StatusUnprocessableEntity).
				Shows("#unverified-problem", "Verify the caller first").Shows("textarea", "she called")
		}
	}, deskCheck("require"))
}

// "The links have ended" is not said above a link that the person asked for since.
func TestEndOfLinksIsNotSaidOfANewerLink(t *testing.T) {
	eachSite(t, func(s *site) {
		u := s.user("user@example.org")
		s.ask(u.Email)
		agent := s.member("arno", staff.Agent)
		page := "/support/accounts/" + u.ID + "?done=revoke_all"
		agent.act(u.ID, "revoke_all", "T-1").To(page)
		agent.Get(page).Shows(".done", "were ended")
		s.ask(u.Email)
		agent.Get(page).Is(http.StatusOK).Has(".done", 0)
	})
}

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
			b.Get("/support/accounts/"+id).Is(http.StatusOK).Has(".timeline", 0).Shows(".situation", "No request for a link is on record.")
		}
		for _, none := range []string{"", "%00", "%ff"} {
			b.Get("/support/accounts/" + none).Is(http.StatusNotFound)
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
		signedIn.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		link = s.ask("user@example.org")
		done("users_disable", "note users_enable")
		signedIn.Get("/password-change").Is(http.StatusSeeOther)
		s.browser().Get(link).Is(http.StatusGone)
		s.accepts("user@example.org", oldPassword, false)
		arno.act(a.ID, "send_link_to", "x").Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "No link can be sent")
		done("users_enable", "send_link_to note users_end_sessions users_disable")
		s.accepts("user@example.org", oldPassword, true)
		done("note", "send_link_to note users_end_sessions users_disable")
		arno.act(a.ID, "purge", "x").Is(http.StatusBadRequest)
		arno.act(uuid.NewString(), "users_disable", "x").Is(http.StatusNotFound)
		s.wantEvents(a.ID, "signed_in", "sessions_ended", "signed_in", "disabled", "sign_in_failed", "enabled", "signed_in")
	})
}

// "Is somebody still signed in as me?" Sessions live by the clock of the machine.
func TestPersonHasTheOpenSessions(t *testing.T) {
	eachSite(t, func(s *site) {
		a, arno := s.user("user@example.org"), s.member("arno", staff.Agent)
		shown := func(want string) {
			s.Helper()
			arno.Get("/support/accounts/"+a.ID).Is(http.StatusOK).Shows(".facts", "Open sessions"+want)
		}
		shown("none")
		s.browser().login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		shown("1 since 20")
		s.person("198.51.100.66").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		shown("2 since 20")
		// As if one of them had begun at the time of the test, when two clients signed in one after another.
		s.person("198.51.100.66").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		begins := func(at time.Time) {
			s.db.SQL(s.T, `UPDATE reset_sessions SET data = '{"deadline":"`+at.Add(web.SessionLifetime).Format(time.RFC3339)+`","values":{}}'`)
		}
		begins(s.clock.Now())
		arno.Get("/support/accounts/"+a.ID).Has(".sessions li", 3).Has(".sessions a", 0) // whose they are is not known
		s.clock.Add(time.Minute)
		s.person("198.51.100.7").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		begins(s.clock.Now())
		arno.Get("/support/accounts/"+a.ID).Has(".sessions li", 4).Shows(".sessions", "since 2031-05-06 07:09:09 UTC just now from 198.51.100.7")
		arno.act(a.ID, "users_end_sessions", "lost the phone").Is(http.StatusSeeOther)
		shown("none")
	}, behindProxy)
}

// A caller asks when they signed out, and whether somebody else did it for them.
func TestSignOutIsInTheTimeline(t *testing.T) {
	eachSite(t, func(s *site) {
		a, arno, b := s.user("user@example.org"), s.member("arno", staff.Agent), s.browser()
		b.Post("/logout").Is(http.StatusSeeOther) // nobody is signed in
		b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		for range 2 {
			b.Post("/logout").Is(http.StatusSeeOther)
		}
		arno.act(a.ID, "users_end_sessions", "lost the phone").Is(http.StatusSeeOther)
		s.wantEvents(a.ID, "signed_in", "signed_out", "sessions_ended")
		arno.Get("/support/accounts/"+a.ID+"?kind=sign_ins").Is(http.StatusOK).Shows(".timeline .signed_out", "signed out").Shows(".timeline .sessions_ended", "signed out everywhere", "by arno of the staff")
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
