package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"resetd/internal/staff"
)

// invited adds a member in the browser of an admin, and returns the path of the one-time
// link.
func (s *site) invited(ada *browser, name string, role staff.Role) string {
	s.Helper()
	p := ada.Post("/support/members", "name", name, "role", string(role), "reason", "a new colleague").Is(http.StatusSeeOther)
	return s.shownLink(ada.Get(p.Header.Get("Location")).Is(http.StatusOK))
}

// shownLink returns the path of the one-time link on a page.
func (s *site) shownLink(p page) string {
	s.Helper()
	path, found := strings.CutPrefix(p.Find("#ticket").Text(), s.app.cfg.BaseURL.String())
	if !found || !strings.HasPrefix(path, "/support/join/") {
		s.Fatalf("the page shows no link:\n%s", p.Body)
	}
	return path
}

// codeOn returns the code of the secret that a page shows.
func (s *site) codeOn(p page) (code, secret string) {
	s.Helper()
	secret = strings.ReplaceAll(p.Find("code.totp").Text(), " ", "")
	if link := p.Find(`a[href^="otpauth://totp/"]`).AttrOr("href", ""); len(secret) != 32 || !strings.Contains(link, "secret="+secret) {
		s.Fatalf("the page shows the secret %q and the link %q", secret, link)
	}
	code, err := totp.GenerateCode(secret, s.clock.Now())
	s.must(err)
	return code, secret
}

func (b *browser) join(path, plain, again, setup, code string) page {
	b.Helper()
	return b.Post(path, "username", "", "new_password", plain, "confirm_password", again, "setup", setup, "code", code)
}

// An admin adds a member, who chooses password and code by a link that works once. The
// admin never sees either.
func TestMemberJoinsByALink(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, arno := s.member("ada", staff.Admin), s.browser()
		path := s.invited(ada, "Arno", staff.Agent)
		ada.Get("/support/members/arno").Is(http.StatusOK).Has("#ticket", 0).Shows("h1", "link not used yet")
		ada.Get("/support/members").Shows("tbody", "Arnoagentlink not used yetno")

		form := arno.Get(path).Is(http.StatusOK).Has("svg.qr path", 1).Shows("main", "member Arno")
		code, secret := s.codeOn(form)
		if other, _ := s.codeOn(ada.Get(path)); other == code {
			s.Error("two readers of the link see the same secret")
		}
		again := arno.join(path, "short", "shorter", form.Field("setup"), "000000").Is(http.StatusUnprocessableEntity)
		again.Has("#new_password-problem", 1).Has("#confirm_password-problem", 1).Has("#code-problem", 1)
		if _, same := s.codeOn(again); same != secret {
			s.Error("after a mistake the page shows another secret")
		}
		arno.join(path, newPassword, newPassword, "x", code).Is(http.StatusUnprocessableEntity).Shows("#code-problem", "This form is too old")
		arno.join(path, newPassword, newPassword, again.Field("setup"), code).Is(http.StatusSeeOther).To("/support/joined")
		arno.Get("/support/joined").Is(http.StatusOK).Shows("main", "works only once").Lacks("You can sign in")               // perhaps the member was disabled
		s.browser().Get("/support/joined").Is(http.StatusOK).Says("Did you just").Lacks("Your password and your app are set") // by hand
		arno.staffLogin("arno", newPassword, code).Is(http.StatusUnprocessableEntity)
		s.clock.Add(30 * time.Second)
		code, err := totp.GenerateCode(secret, s.clock.Now())
		s.must(err)
		arno.staffLogin("arno", newPassword, code).Is(http.StatusSeeOther).To("/support")
		for _, b := range []*browser{arno, ada, s.browser()} {
			b.Get(path).Is(http.StatusGone).Shows("h1", "This link was used")
			b.join(path, oldPassword, oldPassword, form.Field("setup"), code).Is(http.StatusGone)
		}
		ada.Get("/support/members").Shows("tbody", "Arnoagentactiveyes")
		ada.Get("/support/audit?what=members&whom=arno").Shows(".rows", "set up the sign-in with a one-time link", "added a memberArno as agent")
	})
}

func TestDeadMemberLinksSayWhy(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, b := s.member("ada", staff.Admin), s.browser()
		path := s.invited(ada, "arno", staff.Agent)
		p := ada.Post("/support/members/arno", "action", "staff_link", "reason", "lost it").Is(http.StatusSeeOther).To("/support/members/arno")
		newer := s.shownLink(ada.Get(p.Header.Get("Location")))
		b.Get(path).Is(http.StatusGone).Shows("h1", "This link has ended")
		b.Get(path[:len(path)-4]).Is(http.StatusNotFound).Shows("h1", "This link is not complete")
		b.Get(path[:len(path)-4]+"aaaa").Is(http.StatusNotFound).Shows("h1", "This link is not valid")
		b.Get(strings.ToUpper(newer[:len("/support/join/")])).Is(http.StatusNotFound)
		b.Get("/support/join/" + strings.ToUpper(newer[len("/support/join/"):]) + ".").Is(http.StatusOK)
		s.clock.Add(staff.LinkLifetime)
		b.Get(newer).Is(http.StatusGone).Shows("h1", "This link has expired")
		b.join(newer, newPassword, newPassword, "", "").Is(http.StatusGone)
		ada.Get("/support/members/arno").Shows("h1", "link expired unused").Shows(".facts", "never used; it expired")
	})
}

func TestAdminManagesMembers(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, vera := s.member("ada", staff.Admin), s.member("vera", staff.Viewer)
		act := func(name, action, role, reason string) page {
			return ada.Post("/support/members/"+name, "action", action, "role", role, "reason", reason)
		}
		for _, c := range []struct{ name, role, reason, field string }{
			{"a b", "agent", "x", "name"}, {"", "agent", "x", "name"}, {"..", "agent", "x", "name"}, {"VERA", "agent", "x", "name"}, {"operator", "agent", "x", "name"}, {"new", "agent", " ", "reason"},
		} {
			p := ada.Post("/support/members", "name", c.name, "role", c.role, "reason", c.reason).Is(http.StatusUnprocessableEntity)
			p.Has(`[role="alert"] a[href="#`+c.field+`"]`, 1).Shows("#role option[selected]", "agent")
			if p.Field("name") != c.name {
				s.Errorf("the typed name became %q", p.Field("name"))
			}
		}
		act("vera", "staff_role", "king", "x").Is(http.StatusBadRequest)
		ada.Post("/support/members", "name", "new", "role", "king", "reason", "x").Is(http.StatusBadRequest)
		act("nobody", "staff_disable", "", "x").Is(http.StatusNotFound)
		p := act("vera", "staff_role", "agent", "").Is(http.StatusUnprocessableEntity).Has("#reason-problem", 1)
		p.Has(`button[value="staff_enable"]`, 0).Has(`button[value="staff_disable"]`, 1)

		act("vera", "staff_role", "sender", "a new task").To("/support/members/vera?done=staff_role")
		ada.Get("/support/members/vera?done=staff_role").Shows(".done", "The role was changed").Shows(".actions-on", "ada", "a new task")
		vera.Get("/support/overview").Is(http.StatusForbidden)
		act("vera", "staff_disable", "", "left").Is(http.StatusSeeOther)
		vera.Get("/support").To("/support/login")
		ada.Get("/support/members/vera").Has(`button[name="action"]`, 1).Has(`button[value="staff_enable"]`, 1).Shows("h1", "disabled")
		act("vera", "staff_enable", "", "is back").Is(http.StatusSeeOther)
		vera.staffLogin("vera", oldPassword, "").To("/support")

		s.invited(ada, "invited", staff.Admin)
		s.db.SQL(s.T, `UPDATE reset_staff SET role = 'admin', password_hash = NULL, totp = NULL, link_id = NULL, oidc_issuer = 'x', oidc_subject = 'y' WHERE name = 'vera'`)
		act("ada", "staff_disable", "", "x").Is(http.StatusUnprocessableEntity).Shows("#reason-problem", "the last active admin with a password", "who has a password")
		act("ADA", "staff_role", "viewer", "x").Is(http.StatusUnprocessableEntity).Shows("#reason-problem", "the last active admin")
		ada.Get("/support/members/nobody").Is(http.StatusNotFound)
		ada.Get("/support/audit?what=refused").Shows(".rows", "it is the last active admin")
	})
}

// The report after an action stays true if it is loaded again: a command may have changed the
// member since, and a member who never chose a password can't sign in.
func TestReportOnAMemberIsAboutThePast(t *testing.T) {
	eachSite(t, func(s *site) {
		ada := s.member("ada", staff.Admin)
		s.invited(ada, "arno", staff.Agent)
		const page = "/support/members/arno"
		for _, action := range []string{"staff_disable", "staff_enable"} {
			ada.Post(page, "action", action, "reason", "x").To(page + "?done=" + action)
		}
		ada.Get(page+"?done=staff_enable").Shows(".done", "The member was enabled").Has(".done time", 1).Lacks("can sign in").
			Shows("h1", "link ended unused").Lacks("link expired")
		_, err := s.app.staff.RenewLink(t.Context(), staff.Operator(), "arno")
		s.must(err)
		ada.Get(page).Shows(".actions-on li:first-child", "operator")
		s.must(s.app.staff.SetActive(t.Context(), staff.Operator(), "arno", false))
		ada.Get(page+"?done=staff_enable").Shows(".done", "The member was enabled").Has(".done time", 1).Shows("h1", "disabled")
	})
}

// The page after a one-time link that is loaded again states nothing that has ceased to be true.
func TestJoinedPageKnowsWhatHappenedSince(t *testing.T) {
	for name, change := range map[string]string{"disabled": "active = FALSE", "another password": "password_hash = 'x'", "another secret": "totp = 'x'"} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				b := s.browser()
				path := s.invited(s.member("ada", staff.Admin), "arno", staff.Agent)
				form := b.Get(path)
				code, _ := s.codeOn(form)
				b.join(path, newPassword, newPassword, form.Field("setup"), code).To("/support/joined")
				b.Get("/support/joined").Shows("main", "Your password and your app are set")
				s.db.SQL(s.T, `UPDATE reset_staff SET `+change+` WHERE name = 'arno'`)
				b.Get("/support/joined").Says("Did you just").Lacks("Your password and your app are set")
			})
		})
	}
}

// A new link is for somebody who lost the password or the app: until it is used both still
// work, and then everybody else who is signed in with them is signed out.
func TestNewLinkOfAMemberReplacesTheSignInOnceItIsUsed(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, stranger := s.member("ada", staff.Admin), s.member("arno", staff.Agent)
		const page = "/support/members/arno"
		var links []string
		for range 2 {
			p := ada.Post(page, "action", "staff_link", "reason", "lost it").Is(http.StatusSeeOther)
			links = append(links, s.shownLink(ada.Get(p.Header.Get("Location"))))
		}
		arno := s.browser()
		arno.Get(links[0]).Is(http.StatusGone).Says("A newer link was made")
		stranger.Get("/support").Is(http.StatusOK)
		s.browser().staffLogin("arno", oldPassword, "").To("/support")
		form := arno.Get(links[1]).Is(http.StatusOK)
		code, _ := s.codeOn(form)
		arno.join(links[1], newPassword, newPassword, form.Field("setup"), code).To("/support/joined")
		arno.Get("/support/joined").Is(http.StatusOK).Says("Your password and your app are set. All your other sessions were signed out.")
		stranger.Get("/support").To("/support/login")
		s.browser().staffLogin("arno", oldPassword, "").Is(http.StatusUnprocessableEntity)
	})
}

// A link must not be shown again: not to another admin, not later, and not by the URL.
func TestLinkIsShownOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, ben := s.member("ada", staff.Admin), s.member("ben", staff.Admin)
		p := ada.Post("/support/members", "name", "arno", "role", "agent", "reason", "x").Is(http.StatusSeeOther)
		page := p.Header.Get("Location")
		ben.Get(page).Is(http.StatusOK).Has("#ticket", 0)
		link := s.shownLink(ada.Get(page))
		ada.Get(page).Has("#ticket", 0)
		token := strings.TrimPrefix(link, "/support/join/")
		for table, text := range map[string]string{"reset_staff": `name || coalesce(totp, '') || coalesce(password_hash, '')`, "reset_staff_sessions": `data`, "reset_audit": `target || reason`} {
			s.stored(`SELECT count(*) FROM `+table+` WHERE `+text+` LIKE '%`+token[26:]+`%'`, "0")
		}
		if strings.Contains(s.log.String(), token[26:]) {
			s.Error("the log contains the link")
		}
	})
}

// A member who signs in only at a provider can't sign in when it is off, or another one is set.
func TestMemberOfAProviderThatIsOffCannotSignIn(t *testing.T) {
	eachSite(t, func(s *site) {
		s.member("bea", staff.Agent)
		ada := s.member("ada", staff.Admin)
		s.db.SQL(s.T, `UPDATE reset_staff SET password_hash = NULL, oidc_issuer = 'https://id.example.org', oidc_subject = '1' WHERE name = 'bea'`)
		for _, path := range []string{"/support/members", "/support/members/bea"} {
			ada.Get(path).Is(http.StatusOK).Shows("main", "cannot sign in: no password, and OpenID Connect is off for this member")
		}
		ada.Get("/support/members/bea").Shows(".act", "A password needs a member with another name").Lacks("The provider decides")
	})
}
