package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"resetd/internal/staff"
)

// coded adds a member with a TOTP secret, and returns a function for the code at a
// time from now.
func (s *site) coded(name string, role staff.Role) func(time.Duration) string {
	s.Helper()
	secret, err := s.app.staff.Add(s.Context(), staff.Operator(), staff.Newcomer{Name: name, Role: role, Password: oldPassword, Again: oldPassword})
	s.must(err)
	return func(from time.Duration) string {
		code, err := totp.GenerateCode(secret.Text(), s.clock.Now().Add(from))
		s.must(err)
		return code
	}
}

func TestStaffSignInErrorsLookTheSame(t *testing.T) {
	eachSite(t, func(s *site) {
		code := s.coded("arno", staff.Agent)
		s.coded("dora", staff.Agent)
		s.must(s.app.staff.SetActive(s.Context(), staff.Operator(), "dora", false))
		first := ""
		for _, c := range [][3]string{
			{"nobody", oldPassword, code(0)},
			{"arno", "wrong", code(0)},
			{"arno", oldPassword, "000000"},
			{"arno", oldPassword, ""},
			{"arno", "", code(0)},
			{"dora", oldPassword, code(0)},
			{"operator", oldPassword, ""},
			{"' OR 1=1", oldPassword, code(0)},
			{"arno", strings.Repeat("long", 10_000), code(0)},
			{"", "", ""},
			{"arno", oldPassword, code(10 * time.Minute)},
			{"arno", oldPassword, code(-10 * time.Minute)},
		} {
			p := s.browser().staffLogin(c[0], c[1], c[2]).Is(http.StatusUnprocessableEntity).Has(`[role="alert"]`, 1)
			if p.Field("name") != c[0] || p.Field("password")+p.Field("code") != "" || len(p.Header.Values("Set-Cookie")) != 0 {
				s.Errorf("%q: the form contains %q, %q and %q", c[0], p.Field("name"), p.Field("password"), p.Field("code"))
			}
			whole := p.Find("html")
			whole.Find("#name").SetAttr("value", "")
			body, err := whole.Html()
			s.must(err)
			if first == "" {
				first = body
			}
			if diff := cmp.Diff(first, body); diff != "" {
				s.Errorf("%q: the answer differs:\n%s", c, diff)
			}
		}
		s.browser().Post("/support/login", "name", "arno", "password", oldPassword).Is(http.StatusBadRequest)
		s.browser().staffLogin(" ARNO ", oldPassword, code(0)[:3]+" "+code(0)[3:]).Is(http.StatusSeeOther).To("/support")
	})
}

func TestStaffCodeWorksOnce(t *testing.T) {
	eachSite(t, func(s *site) {
		code := s.coded("arno", staff.Agent)
		s.browser().staffLogin("arno", oldPassword, code(0)).Is(http.StatusSeeOther)
		for _, used := range []time.Duration{0, -30 * time.Second} { // the code and the one before it
			s.browser().staffLogin("arno", oldPassword, code(used)).Is(http.StatusUnprocessableEntity).Shows(`[role="alert"]`, "A code works once")
		}
		s.browser().staffLogin("arno", oldPassword, code(30*time.Second)).Is(http.StatusSeeOther)
		s.clock.Add(time.Minute)
		s.browser().staffLogin("arno", oldPassword, code(0)).Is(http.StatusSeeOther)
	})
}

func TestStaffSignInReturnsToTheRequestedPage(t *testing.T) {
	eachSite(t, func(s *site) {
		s.member("vera", staff.Viewer)
		r := s.row()
		for path, back := range map[string]string{
			"/support": "/support/login", "/support?q=a%40b&status=used": "/support/login?next=%2Fsupport%3Fq%3Da%2540b%26status%3Dused",
			"/support/resets/" + r.ID.String(): "/support/login?next=%2Fsupport%2Fresets%2F" + r.ID.String(), "/support/overview?days=7": "/support/login?next=%2Fsupport%2Foverview%3Fdays%3D7",
		} {
			b := s.browser()
			b.Get(path).Is(http.StatusSeeOther).To(back)
			next := b.Get(back).Is(http.StatusOK).Field("next")
			b.staffLogin("vera", oldPassword, "", "next", next).Is(http.StatusSeeOther).To(path)
			b.Get(path).Is(http.StatusOK)
		}
		for _, evil := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "/\t/evil.example", "javascript:alert(1)", "evil"} {
			s.browser().staffLogin("vera", oldPassword, "", "next", evil).Is(http.StatusSeeOther).To("/support")
		}
		s.browser().Post("/support/resets/"+r.ID.String()+"/revoke", "revoke_reason", "x").Is(http.StatusSeeOther).To("/support/login")
	})
}

func TestStaffSessionsEnd(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		session := b.Cookie("resetd_staff")
		b.staffLogin("vera", oldPassword, "").Is(http.StatusSeeOther)
		if session == "" || session == b.Cookie("resetd_staff") {
			s.Error("the session's token is not new after signing in")
		}
		s.browser().With("Cookie", "resetd_staff="+session).Get("/support").Is(http.StatusSeeOther)
		thief := s.browser().With("Cookie", "resetd_staff="+b.Cookie("resetd_staff"))
		thief.Get("/support").Is(http.StatusOK)

		row := func(column string) string {
			return s.db.Text(s.T, `SELECT `+column+` FROM reset_staff_sessions`)
		}
		soon := time.Now().Add(10 * time.Minute).UTC().Format("2006-01-02T15:04:05Z")
		deadline := strings.Split(row("data"), `"`)[3]
		s.db.SQL(s.T, `UPDATE reset_staff_sessions SET data = replace(data, '`+deadline+`', '`+soon+`')`)
		b.Get("/support").Is(http.StatusOK)
		if got := strings.Replace(row("expires_at"), " ", "T", 1); got[:19] != soon[:19] {
			s.Errorf("a session that may last until %s ends at %s", soon, got)
		}
		s.db.SQL(s.T, `UPDATE reset_staff_sessions SET expires_at = '2001-01-01 00:00:00.000000+00:00'`) // idle
		b.Get("/support").Is(http.StatusSeeOther)

		b.staffLogin("vera", oldPassword, "").Is(http.StatusSeeOther)
		last := b.Cookie("resetd_staff")
		b.Post("/support/logout").Is(http.StatusSeeOther).To("/support/login")
		s.browser().With("Cookie", "resetd_staff="+last).Get("/support").Is(http.StatusSeeOther)
	})
}

// A session of staff is not valid for users, and a session of users not for staff,
// under either cookie name.
func TestSessionsOfStaffAndUsersAreSeparate(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("vera@example.org")
		user, vera := s.browser(), s.member("vera", staff.Admin)
		user.login("vera@example.org", oldPassword).Is(http.StatusSeeOther)
		users, members := user.Cookie("resetd_session"), vera.Cookie("resetd_staff")
		for _, value := range []string{users, members} {
			s.browser().With("Cookie", "resetd_staff="+value+"; resetd_session="+value).Get("/support/audit").Is(map[bool]int{true: http.StatusOK, false: http.StatusSeeOther}[value == members])
			s.browser().With("Cookie", "resetd_staff="+value+"; resetd_session="+value).Get("/password-change").Is(map[bool]int{true: http.StatusOK, false: http.StatusSeeOther}[value == users])
		}
		// A session of users must not work with a member's id in its values.
		s.db.SQL(s.T, `UPDATE reset_sessions SET data = replace(data, '"values":{', '"values":{"staff_id":"`+s.db.Text(s.T, `SELECT id FROM reset_staff`)+`",')`)
		user.Get("/support").Is(http.StatusSeeOther)
		vera.Get("/password-change").Is(http.StatusSeeOther)
		user.login("vera", oldPassword).Is(http.StatusUnprocessableEntity)
		s.browser().staffLogin("vera@example.org", oldPassword, "").Is(http.StatusUnprocessableEntity)
		vera.Post("/logout").Is(http.StatusSeeOther)
		vera.Get("/support").Is(http.StatusOK)
		vera.Post("/support/logout").Is(http.StatusSeeOther)
		user.Get("/password-change").Is(http.StatusOK)
		// A reset ends the sessions of the account, but not of a member.
		member := s.browser()
		member.staffLogin("vera", oldPassword, "").Is(http.StatusSeeOther)
		owner := s.browser()
		owner.Choose(owner.OpenLink(s.ask(a.Email)), newPassword, newPassword).Is(http.StatusSeeOther)
		user.Get("/password-change").Is(http.StatusSeeOther)
		member.Get("/support").Is(http.StatusOK)
	})
}
