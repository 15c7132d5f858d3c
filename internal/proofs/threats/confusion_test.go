package threats

import (
	"net/http"
	"testing"
)

// The application changes the account after the link was checked and before the
// new password is written.
func TestAccountChangedMeanwhile(t *testing.T) {
	changes := map[string]string{
		"password": `password_hash = password_hash || 'A'`, "address": `email = 'moved@example.org'`, "active": `active = NOT active`, "id": `id = '00000000-0000-4000-8000-000000000001'`,
	}
	each(t, nil, func(s *service) {
		for name, change := range changes {
			email := name + "@example.org"
			s.account(email)
			b := s.browser()
			form := b.OpenLink(s.ask(email))
			p := s.meanwhile(`UPDATE users SET `+change+` WHERE email = '`+email+`'`, func() (page, error) { return b.submit(form, newPassword) })
			if p.Status != http.StatusGone {
				s.Errorf("another %s: got %d, want 410", name, p.Status)
			}
			if s.browser().login(email, newPassword).Status == http.StatusSeeOther || s.browser().login("moved@example.org", newPassword).Status == http.StatusSeeOther {
				s.Errorf("another %s: the link set a password", name)
			}
			s.is("account_changed", `SELECT revoked_by FROM password_resets WHERE email = '`+email+`'`)
		}
		s.is("0", `SELECT count(*) FROM reset_deliveries WHERE kind = 'password_changed'`)
	})
}
