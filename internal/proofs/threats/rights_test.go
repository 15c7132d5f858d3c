package threats

import (
	"net/http"
	"testing"
)

func TestViewerActs(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		id := s.newest(user)
		viewer := s.member("vera", "viewer")
		viewer.get("/support/resets/"+id).is(http.StatusOK).has(".actions", 0).has(`form[action^="/support/resets"]`, 0)
		for _, reason := range []string{"she called", ""} { // the role is checked before the form
			viewer.send(id, reason).is(http.StatusForbidden)
			viewer.revoke(id, reason).is(http.StatusForbidden)
		}
		for _, action := range []string{"send_link", "revoke"} {
			s.is("2", `SELECT count(*) FROM reset_audit WHERE member = 'vera' AND role = 'viewer' AND target = '`+id+`' AND action = '`+action+`' AND refused <> ''`)
			s.is("0", `SELECT count(*) FROM reset_audit WHERE action = '`+action+`' AND refused = ''`)
		}
		s.wantMails(1, user)
		s.browser().finish(link, newPassword)
	})
}

func TestOnlyAdminsReadTheAudit(t *testing.T) {
	each(t, nil, func(s *service) {
		for _, m := range []member{s.member("vera", "viewer"), s.member("arno", "agent")} {
			m.get("/support/audit").is(http.StatusForbidden).has(".rows", 0)
			m.get("/support").is(http.StatusOK).has(`a[href="/support/audit"]`, 0)
			if n := s.audit(m.name, "view_audit", "", "role"); n != "1" {
				s.Errorf("%s: the refusal is recorded %s times, want once", m.name, n)
			}
		}
		s.member("ada", "admin").get("/support/audit").is(http.StatusOK).has(".rows .failed", 2)
	})
}

// Only admins manage members, and no page sets the password of somebody else.
func TestOnlyAdminsManageMembers(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account("ada@example.org")
		ada, arno := s.member("ada", "admin"), s.member("arno", "agent")
		before := s.db.Text(s.T, staffRows[s.db.Name])
		id := s.db.Text(s.T, `SELECT id FROM reset_staff WHERE name = 'ada'`)
		arno.get("/support/members").is(http.StatusForbidden).has("main form", 0)
		arno.get("/support/members/ada").is(http.StatusForbidden).has("main form", 0)
		arno.post("/support/members", "name", "eve", "role", "admin", "reason", reason).is(http.StatusForbidden)
		arno.post("/support/members", "name", "eve").is(http.StatusForbidden)
		for _, action := range []string{"staff_link", "staff_role", "staff_disable", "staff_enable", "nonsense"} {
			arno.post("/support/members/arno", "action", action, "role", "admin", "reason", reason).is(http.StatusForbidden)
			s.browser().post("/support/members/arno", "action", action, "role", "admin", "reason", reason).to("/support/login")
			ada.post("/support/members/arno", "action", action, "role", "admin", "reason", " ").isOneOf(http.StatusUnprocessableEntity, http.StatusBadRequest)
		}
		s.is("1", `SELECT count(*) FROM reset_audit WHERE member = 'arno' AND action = 'staff_role' AND target = 'arno to admin' AND refused <> ''`)
		ada.post("/support/members/arno", "action", "staff_set_password", "reason", reason, "password", newPassword).is(http.StatusBadRequest)
		for _, m := range []member{arno, ada} {
			for _, path := range []string{"/support/staff", "/support/staff/ada", "/support/staff/ada/role", "/support/audit"} {
				m.post(path, "role", "admin", "password", newPassword).isOneOf(http.StatusNotFound, http.StatusMethodNotAllowed)
			}
			// A member is not an account, so a member's id makes no link.
			m.send(id, "a try").is(http.StatusNotFound)
			m.revoke(id, "a try").is(http.StatusNotFound)
			m.get("/support/accounts/"+id).is(http.StatusOK).has(".rows", 0)
		}
		s.is(before, staffRows[s.db.Name])
		s.wantMails(0)
		// An account with the address of an admin must not affect the admin.
		s.browser().finish(s.ask("ada@example.org"), newPassword)
		if p := s.browser().post("/support/login", "name", "ada", "password", newPassword, "code", ada.code(1)); p.status != http.StatusUnprocessableEntity {
			s.Errorf("an account's password signs a member in: %d", p.status)
		}
		ada.get("/support").is(http.StatusOK)
	})
}

var staffRows = map[string]string{
	"sqlite":   `SELECT group_concat(name || role || active || password_hash || coalesce(totp, '')) FROM reset_staff`,
	"postgres": `SELECT string_agg(name || role || active || password_hash || coalesce(totp, ''), ',' ORDER BY id) FROM reset_staff`,
}
