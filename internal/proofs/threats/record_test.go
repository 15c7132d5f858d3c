package threats

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
)

func TestEveryActionIsRecorded(t *testing.T) {
	each(t, nil, func(s *service) {
		a := s.account(user)
		s.ask(user)
		id, none := s.newest(user), uuid.NewString()
		ada := s.member("ada", "admin")
		for _, c := range []struct {
			act             page
			status          int
			action, target  string
			refused, reason string
		}{
			{ada.Get("/support"), http.StatusOK, "search", "/support", "", ""},
			{ada.Head("/support?q=head"), http.StatusOK, "search", "/support?q=head", "", ""},
			{ada.Get("/support?q=User%40Example.org&status=used&since=2031-05-06&x=y"), http.StatusOK, "search", "/support?q=User%40Example.org&since=2031-05-06&status=used", "", ""},
			{ada.Get("/support?q=10.0.0.0/99"), http.StatusUnprocessableEntity, "search", "/support?q=10.0.0.0%2F99", "", ""},
			{ada.Get("/support?status=nonsense"), http.StatusOK, "search", "/support?status=nonsense", "", ""},
			{ada.Get("/support/resets/" + id), http.StatusOK, "view_reset", id, "", ""},
			{ada.Get("/support/resets/" + none), http.StatusNotFound, "view_reset", none, "", ""},
			{ada.Get("/support/accounts/" + a.ID), http.StatusOK, "view_account", a.ID, "", ""},
			{ada.Get("/support/accounts/nobody"), http.StatusOK, "view_account", "nobody", "", ""},
			{ada.Get("/support/overview?since=2031-05-01&until=2031-05-02"), http.StatusOK, "view_overview", "2031-05-01 to 2031-05-02", "", ""},
			{ada.Get("/support/audit"), http.StatusOK, "view_audit", "", "", ""},
			{ada.Get("/support/resets.csv?q=user%40"), http.StatusOK, "export", "/support/resets.csv?q=user%40", "", ""},
			{ada.Get("/support/resets.json"), http.StatusOK, "export", "/support/resets.json", "", ""},
			{ada.Get("/support/resets.json?status=x"), http.StatusBadRequest, "export", "/support/resets.json?status=x", "", ""},
			{ada.revoke(id, ""), http.StatusUnprocessableEntity, "revoke", id, "reason", ""},
			{ada.revoke(id, reason), http.StatusSeeOther, "revoke", id, "", reason},
			{ada.send(none, reason), http.StatusNotFound, "send_link", none, "not found", reason},
			{ada.Post("/support/logout"), http.StatusSeeOther, "sign_out", "", "", ""},
		} {
			if c.act.Status != c.status || s.audit("ada", c.action, c.target, c.refused) != "1" {
				s.Errorf("%s %q: status %d, and recorded %s times, want %d and once", c.action, c.target, c.act.Status, s.audit("ada", c.action, c.target, c.refused), c.status)
			}
			if c.reason != "" {
				s.is("1", `SELECT count(DISTINCT reason) FROM reset_audit WHERE action = '`+c.action+`' AND reason = '`+reason+`'`)
			}
		}
		// The added member, the sign-in, 18 actions, and the failure of one action.
		s.is("21", `SELECT count(*) FROM reset_audit`)
		s.is("19", `SELECT count(*) FROM reset_audit WHERE role = 'admin' AND ip IS NOT NULL AND action <> 'sign_in'`)
	})
}

func (s *service) wantCommand(args ...string) {
	s.Helper()
	if status, _, problems := s.typed(newPassword+"\n", args...); status != 0 {
		s.Fatalf("%v: status %d\n%s", args, status, problems)
	}
}

// An action that can't be recorded must not happen.
func TestUnrecordedActionsFail(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		id := s.newest(user)
		arno := s.member("arno", "agent")
		s.db.SQL(s.T, `ALTER TABLE reset_audit RENAME TO away`)
		for what, p := range map[string]page{
			"a search": arno.Get("/support"), "a reset": arno.Get("/support/resets/" + id), "an export": arno.Get("/support/resets.csv"),
			"sending": arno.send(id, reason), "revoking": arno.revoke(id, reason), "signing in": arno.signIn(arno.code(1)),
		} {
			if p.Status != http.StatusInternalServerError {
				s.Errorf("%s: got %d, want 500", what, p.Status)
			}
		}
		s.db.SQL(s.T, `ALTER TABLE away RENAME TO reset_audit`)
		s.wantMails(1, user)
		s.browser().finish(link, newPassword)
	})
}

// A change at the command line must apply to the next request, without a new sign-in.
func TestChangesApplyAtOnce(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		s.ask(user)
		id := s.newest(user)
		s.member("ada", "admin")
		m := s.member("mira", "viewer")
		m.send(id, reason).Is(http.StatusForbidden)
		s.wantCommand("staff", "role", "mira", "admin")
		m.Get("/support/audit").Is(http.StatusOK).Shows("header", "mira (admin)")
		m.send(id, reason).Is(http.StatusSeeOther)
		s.wantCommand("staff", "role", "mira", "viewer")
		m.Get("/support/audit").Is(http.StatusForbidden)
		m.send(id, reason).Is(http.StatusForbidden)
		s.wantMails(2, user)

		s.wantCommand("staff", "disable", "mira")
		m.Get("/support").To("/support/login")
		m.Get("/support/resets/" + id).To("/support/login?next=%2Fsupport%2Fresets%2F" + id)
		m.revoke(id, reason).To("/support/login")
		m.signIn(m.code(1)).Is(http.StatusUnprocessableEntity)
		s.wantCommand("staff", "enable", "mira")
		m.Get("/support").To("/support/login") // the session stays ended
		m.signIn(m.code(1)).To("/support")

		s.wantCommand("staff", "totp", "mira")
		m.Get("/support").To("/support/login")
		m.signIn(m.code(1)).Is(http.StatusUnprocessableEntity) // by the old secret
		if n := s.audit("mira", "revoke", id, "mira"); n != "0" {
			s.Errorf("%s actions of a disabled member are recorded", n)
		}
	})
}
