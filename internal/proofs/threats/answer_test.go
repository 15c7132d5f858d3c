package threats

import (
	"net/http"
	"strings"
	"testing"
)

// The answers must have the same bytes. Another tool measures their time.
func TestSameBytes(t *testing.T) {
	each(t, vars{"LIMIT_ADDRESS": "1/1h"}, func(s *service) {
		var first page
		for i, email := range s.accounts() {
			p := s.browser().Request(email).To("/password-reset/done")
			if i == 0 {
				first = p
			}
			p.SameAs(first, email, "", "")
			s.browser().Request(email).To("/password-reset/done").SameAs(first, email+", throttled", "", "")
		}
		s.is("4", `SELECT count(*) FROM password_resets WHERE withheld = 'throttled'`)
		s.wantMails(1, user)
	})
}

func TestSameBytesAtSignIn(t *testing.T) {
	each(t, vars{"LIMIT_SIGNIN": "2/15m"}, func(s *service) {
		var refused, stopped page
		for i, email := range s.accounts() {
			plain := oldPassword
			if email == user {
				plain = "wrong"
			}
			p := s.browser().login(email, plain).Is(http.StatusUnprocessableEntity)
			s.db.SQL(s.T, `UPDATE reset_limits SET count = 100`) // of this visitor and of this address
			over := s.browser().login(email, plain).Is(http.StatusTooManyRequests)
			over.Header.Del("Retry-After") // depends on the time of the first try
			if i == 0 {
				refused, stopped = p, over
			}
			p.SameAs(refused, email, email, user)
			over.SameAs(stopped, email+", stopped", email, user)
			s.db.SQL(s.T, `DELETE FROM reset_limits`)
		}
	})
}

func TestLongPasswordAtSignIn(t *testing.T) {
	each(t, nil, func(s *service) {
		emails := s.accounts()
		for _, length := range []int{73, 257, 5_000, 60_000, 1 << 20} {
			want := http.StatusUnprocessableEntity
			if length > 64<<10 {
				want = http.StatusRequestEntityTooLarge
			}
			var first page
			for i, email := range emails {
				p := s.browser().login(email, strings.Repeat("x", length)).Is(want)
				if i == 0 {
					first = p
				}
				p.SameAs(first, email, email, user)
			}
		}
	})
}
