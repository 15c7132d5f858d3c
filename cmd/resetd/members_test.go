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
	p := ada.post("/support/members", "name", name, "role", string(role), "reason", "a new colleague").is(http.StatusSeeOther)
	return s.shownLink(ada.get(p.header.Get("Location")).is(http.StatusOK))
}

// shownLink returns the path of the one-time link on a page.
func (s *site) shownLink(p page) string {
	s.Helper()
	path, found := strings.CutPrefix(p.doc.Find("#ticket").Text(), s.app.cfg.BaseURL.String())
	if !found || !strings.HasPrefix(path, "/support/join/") {
		s.Fatalf("the page shows no link:\n%s", p.body)
	}
	return path
}

// codeOn returns the code of the secret that a page shows.
func (s *site) codeOn(p page) (code, secret string) {
	s.Helper()
	secret = strings.ReplaceAll(p.doc.Find("code.totp").Text(), " ", "")
	if link := p.doc.Find(`a[href^="otpauth://totp/"]`).AttrOr("href", ""); len(secret) != 32 || !strings.Contains(link, "secret="+secret) {
		s.Fatalf("the page shows the secret %q and the link %q", secret, link)
	}
	code, err := totp.GenerateCode(secret, s.clock.Now())
	s.must(err)
	return code, secret
}

func (b *browser) join(path, plain, again, setup, code string) page {
	b.Helper()
	return b.post(path, "username", "", "new_password", plain, "confirm_password", again, "setup", setup, "code", code)
}

// An admin adds a member, who chooses password and code by a link that works once. The
// admin never sees either.
func TestMemberJoinsByALink(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, arno := s.member("ada", staff.Admin), s.browser()
		path := s.invited(ada, "Arno", staff.Agent)
		ada.get("/support/members/arno").is(http.StatusOK).has("#ticket", 0).contains("h1", "link not used yet")
		ada.get("/support/members").contains("tbody", "Arnoagentlink not used yetno")

		form := arno.get(path).is(http.StatusOK).has("svg.qr path", 1).contains("main", "member Arno")
		code, secret := s.codeOn(form)
		if other, _ := s.codeOn(ada.get(path)); other == code {
			s.Error("two readers of the link see the same secret")
		}
		again := arno.join(path, "short", "shorter", form.value("setup"), "000000").is(http.StatusUnprocessableEntity)
		again.has("#new_password-problem", 1).has("#confirm_password-problem", 1).has("#code-problem", 1)
		if _, same := s.codeOn(again); same != secret {
			s.Error("after a mistake the page shows another secret")
		}
		arno.join(path, newPassword, newPassword, "x", code).is(http.StatusUnprocessableEntity).contains("#code-problem", "This form is too old")
		arno.join(path, newPassword, newPassword, again.value("setup"), code).is(http.StatusSeeOther).to("/support/joined")
		arno.get("/support/joined").is(http.StatusOK).contains("main", "works only once")
		arno.staffLogin("arno", newPassword, code).is(http.StatusUnprocessableEntity)
		s.clock.Add(30 * time.Second)
		code, err := totp.GenerateCode(secret, s.clock.Now())
		s.must(err)
		arno.staffLogin("arno", newPassword, code).is(http.StatusSeeOther).to("/support")
		for _, b := range []*browser{arno, ada, s.browser()} {
			b.get(path).is(http.StatusGone).contains("h1", "This link was used")
			b.join(path, oldPassword, oldPassword, form.value("setup"), code).is(http.StatusGone)
		}
		ada.get("/support/members").contains("tbody", "Arnoagentactiveyes")
		ada.get("/support/audit?what=members&whom=arno").contains(".rows", "set up the sign-in with a one-time link", "added a memberArno as agent")
	})
}

func TestDeadMemberLinksSayWhy(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, b := s.member("ada", staff.Admin), s.browser()
		path := s.invited(ada, "arno", staff.Agent)
		p := ada.post("/support/members/arno", "action", "staff_link", "reason", "lost it").is(http.StatusSeeOther).to("/support/members/arno")
		newer := s.shownLink(ada.get(p.header.Get("Location")))
		b.get(path).is(http.StatusGone).contains("h1", "This link has ended")
		b.get(path[:len(path)-4]).is(http.StatusNotFound).contains("h1", "This link is not complete")
		b.get(path[:len(path)-4]+"aaaa").is(http.StatusNotFound).contains("h1", "This link is not valid")
		b.get(strings.ToUpper(newer[:len("/support/join/")])).is(http.StatusNotFound)
		b.get("/support/join/" + strings.ToUpper(newer[len("/support/join/"):]) + ".").is(http.StatusOK)
		s.clock.Add(staff.LinkLifetime)
		b.get(newer).is(http.StatusGone).contains("h1", "This link has expired")
		b.join(newer, newPassword, newPassword, "", "").is(http.StatusGone)
		ada.get("/support/members/arno").contains("h1", "link expired unused").contains(".facts", "never used; it expired")
	})
}

func TestAdminManagesMembers(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, vera := s.member("ada", staff.Admin), s.member("vera", staff.Viewer)
		act := func(name, action, role, reason string) page {
			return ada.post("/support/members/"+name, "action", action, "role", role, "reason", reason)
		}
		for _, c := range []struct{ name, role, reason, field string }{
			{"a b", "agent", "x", "name"}, {"", "agent", "x", "name"}, {"..", "agent", "x", "name"}, {"VERA", "agent", "x", "name"}, {"operator", "agent", "x", "name"}, {"new", "agent", " ", "reason"},
		} {
			p := ada.post("/support/members", "name", c.name, "role", c.role, "reason", c.reason).is(http.StatusUnprocessableEntity)
			p.has(`[role="alert"] a[href="#`+c.field+`"]`, 1).contains("#role option[selected]", "agent")
			if p.value("name") != c.name {
				s.Errorf("the typed name became %q", p.value("name"))
			}
		}
		act("vera", "staff_role", "king", "x").is(http.StatusBadRequest)
		act("nobody", "staff_disable", "", "x").is(http.StatusNotFound)
		p := act("vera", "staff_role", "agent", "").is(http.StatusUnprocessableEntity).has("#reason-problem", 1)
		p.has(`button[value="staff_enable"]`, 0).has(`button[value="staff_disable"]`, 1)

		act("vera", "staff_role", "sender", "a new task").to("/support/members/vera?done=staff_role")
		ada.get("/support/members/vera?done=staff_role").contains(".done", "The role was changed").contains(".actions-on", "ada", "a new task")
		vera.get("/support/overview").is(http.StatusForbidden)
		act("vera", "staff_disable", "", "left").is(http.StatusSeeOther)
		vera.get("/support").to("/support/login")
		ada.get("/support/members/vera").has(`button[name="action"]`, 1).has(`button[value="staff_enable"]`, 1).contains("h1", "disabled")
		act("vera", "staff_enable", "", "is back").is(http.StatusSeeOther)
		vera.staffLogin("vera", oldPassword, "").to("/support")

		act("ada", "staff_disable", "", "x").is(http.StatusUnprocessableEntity).contains("#reason-problem", "the last active admin")
		act("ADA", "staff_role", "viewer", "x").is(http.StatusUnprocessableEntity).contains("#reason-problem", "the last active admin")
		ada.get("/support/members/nobody").is(http.StatusNotFound)
		ada.get("/support/audit?what=refused").contains(".rows", "it is the last active admin")
	})
}

// A link must not be shown again: not to another admin, not later, and not by the URL.
func TestLinkIsShownOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		ada, ben := s.member("ada", staff.Admin), s.member("ben", staff.Admin)
		p := ada.post("/support/members", "name", "arno", "role", "agent", "reason", "x").is(http.StatusSeeOther)
		page := p.header.Get("Location")
		ben.get(page).is(http.StatusOK).has("#ticket", 0)
		link := s.shownLink(ada.get(page))
		ada.get(page).has("#ticket", 0)
		token := strings.TrimPrefix(link, "/support/join/")
		for table, text := range map[string]string{"reset_staff": `name || coalesce(totp, '') || coalesce(password_hash, '')`, "reset_staff_sessions": `data`, "reset_audit": `target || reason`} {
			if n := s.db.Text(s.T, `SELECT count(*) FROM `+table+` WHERE `+text+` LIKE '%`+token[26:]+`%'`); n != "0" {
				s.Errorf("%s contains the link", table)
			}
		}
		if strings.Contains(s.log.String(), token[26:]) {
			s.Error("the log contains the link")
		}
	})
}
