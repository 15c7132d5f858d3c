package threats

import (
	"net/http"
	"testing"
)

// Only admins manage members, and no page sets the password of somebody else.
func TestOnlyAdminsManageMembers(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account("ada@example.org")
		ada, arno := s.member("ada", "admin"), s.member("arno", "agent")
		before := s.db.Text(s.T, staffRows[s.db.Name])
		id := s.db.Text(s.T, `SELECT id FROM reset_staff WHERE name = 'ada'`)
		arno.Get("/support/members").Is(http.StatusForbidden).Has("main form", 0)
		arno.Get("/support/members/ada").Is(http.StatusForbidden).Has("main form", 0)
		arno.Post("/support/members", "name", "eve", "role", "admin", "reason", reason).Is(http.StatusForbidden)
		arno.Post("/support/members", "name", "eve").Is(http.StatusForbidden)
		for _, action := range []string{"staff_link", "staff_role", "staff_disable", "staff_enable", "nonsense"} {
			arno.Post("/support/members/arno", "action", action, "role", "admin", "reason", reason).Is(http.StatusForbidden)
			s.browser().Post("/support/members/arno", "action", action, "role", "admin", "reason", reason).To("/support/login")
			ada.Post("/support/members/arno", "action", action, "role", "admin", "reason", " ").IsOneOf(http.StatusUnprocessableEntity, http.StatusBadRequest)
		}
		s.is("1", `SELECT count(*) FROM reset_audit WHERE member = 'arno' AND action = 'staff_role' AND target = 'arno to admin' AND refused <> ''`)
		ada.Post("/support/members/arno", "action", "staff_set_password", "reason", reason, "password", newPassword).Is(http.StatusBadRequest)
		for _, m := range []member{arno, ada} {
			for _, path := range []string{"/support/staff", "/support/staff/ada", "/support/staff/ada/role", "/support/audit"} {
				m.Post(path, "role", "admin", "password", newPassword).IsOneOf(http.StatusNotFound, http.StatusMethodNotAllowed)
			}
			// A member is not an account, so a member's id makes no link.
			m.send(id, "a try").Is(http.StatusNotFound)
			m.revoke(id, "a try").Is(http.StatusNotFound)
			m.Get("/support/accounts/"+id).Is(http.StatusOK).Has(".rows", 0)
		}
		s.is(before, staffRows[s.db.Name])
		s.wantMails(0)
		// An account with the address of an admin must not affect the admin.
		s.browser().finish(s.ask("ada@example.org"), newPassword)
		if p := s.browser().Post("/support/login", "name", "ada", "password", newPassword, "code", ada.code(1)); p.Status != http.StatusUnprocessableEntity {
			s.Errorf("an account's password signs a member in: %d", p.Status)
		}
		ada.Get("/support").Is(http.StatusOK)
	})
}

var staffRows = map[string]string{
	"sqlite":   `SELECT group_concat(name || role || active || password_hash || coalesce(totp, '')) FROM reset_staff`,
	"postgres": `SELECT string_agg(name || role || active || password_hash || coalesce(totp, ''), ',' ORDER BY id) FROM reset_staff`,
}
