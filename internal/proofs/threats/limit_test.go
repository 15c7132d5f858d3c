package threats

import (
	"fmt"
	"net/http"
	"testing"
	"time"
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

func TestThrottleWindow(t *testing.T) {
	each(t, vars{"LIMIT_ADDRESS": "1/24h", "LINK_LIFETIME": "10m"}, func(s *service) {
		s.account(user)
		for i, email := range []string{user, nobody} {
			first := s.browser().Request(email).To("/password-reset/done")
			for range 3 {
				s.browser().Request(email).SameAs(first, email+", throttled", "", "")
			}
			s.is(fmt.Sprint(3*(i+1)), `SELECT count(*) FROM password_resets WHERE withheld = 'throttled'`)
		}
		mails := s.wantMails(1, user)
		s.browser().OpenLink(s.linkIn(mails[0])) // throttled requests end no link
		// The window is limited to the link's lifetime, so nobody is locked out longer.
		s.is("2", `SELECT count(*) FROM reset_limits WHERE ends_at <= `+at(10*time.Minute))
		s.db.SQL(s.T, `UPDATE reset_limits SET ends_at = `+at(-time.Second))
		for _, email := range []string{user, nobody} {
			s.browser().Request(email).To("/password-reset/done")
		}
		s.is("6", `SELECT count(*) FROM password_resets WHERE withheld = 'throttled'`)
		fresh := s.linkIn(s.wantMails(2, user)[1])
		s.browser().finish(fresh, newPassword)
		s.browser().Get(s.linkIn(mails[0])).Is(http.StatusGone)
	})
}
