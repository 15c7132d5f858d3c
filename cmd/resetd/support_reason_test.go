package main

import (
	"net/http"
	"strings"
	"testing"

	"resetd/internal/staff"
)

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
		if got := b.Get(path).Is(http.StatusOK).Shows(".done", "your last attempt did nothing").Find("#reason").Text(); got != reason {
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
