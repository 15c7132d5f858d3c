package threats

import (
	"net/http"
	"testing"
)

// An attempt must count even if its transaction is rolled back. The last write of a use
// is the notice to the owner. Without its table everything before is rolled back.
func TestRolledBackAttemptsCount(t *testing.T) {
	each(t, vars{"LIMIT_LINK": "3/1h"}, func(s *service) {
		s.account(user)
		b := s.browser()
		form := b.OpenLink(s.ask(user))
		s.mails()
		s.db.SQL(s.T, `ALTER TABLE reset_deliveries RENAME TO away`)
		for range 3 {
			b.Choose(form, newPassword, newPassword).Is(http.StatusInternalServerError)
		}
		s.db.SQL(s.T, `ALTER TABLE away RENAME TO reset_deliveries`)
		b.Choose(form, newPassword, newPassword).Is(http.StatusTooManyRequests)
		s.is("0", `SELECT count(*) FROM password_resets WHERE used_at IS NOT NULL`)
		s.wantPassword(user, oldPassword, newPassword)
		s.db.SQL(s.T, `DELETE FROM reset_limits`)
		b.Choose(form, newPassword, newPassword).To("/password-reset/complete")
	})
}
