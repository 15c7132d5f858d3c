package threats

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// A new form without a limit must fail this test. It walks through all pages to find
// the forms.
func TestEveryFormHasALimiter(t *testing.T) {
	each(t, vars{"LIMIT_IP": "1/1h", "TRUSTED_PROXIES": "127.0.0.0/8", "SIGNUP": "on"}, func(s *service) {
		s.account(user)
		forms := s.forms()
		for _, known := range []string{"/login", "/logout", "/password-change", "/password-reset", "/password-reset/confirm", "/password-reset/not-me/"} {
			if !strings.Contains(strings.Join(forms, "\n")+"\n", known) {
				s.Errorf("the walk did not find %s, only %v", known, forms)
			}
		}
		for i, action := range forms {
			for n := range 5 {
				p := s.from(fmt.Sprintf("203.0.113.%d", i)).Post(action)
				if stopped := p.Status == http.StatusTooManyRequests; stopped != (n == 4) {
					s.Errorf("%s, try %d: got %d", action, n+1, p.Status)
				}
			}
		}
	})
}

// forms walks through all pages, signed in and not, and returns the actions of their
// forms.
func (s *service) forms() (actions []string) {
	s.Helper()
	link := s.ask(user)
	in := s.from("198.51.100.1")
	in.login(user, oldPassword).To("/login")
	seen := map[string]bool{}
	for _, b := range []*browser{s.from("198.51.100.2"), in} {
		walked := map[string]bool{}
		next := []string{"/", "/password-change", "/signup", link, "/password-reset/confirm", s.notMeIn(s.mails()[0])}
		for len(next) > 0 {
			path := next[0]
			if next = next[1:]; walked[path] || !strings.HasPrefix(path, "/") {
				continue
			}
			walked[path] = true
			p := b.Get(path)
			next = append(next, p.Header.Get("Location"))
			p.Find("main a[href]").Each(func(_ int, a *goquery.Selection) { next = append(next, a.AttrOr("href", "")) })
			p.Find(`form[method="post"]`).Each(func(_ int, f *goquery.Selection) {
				if action := f.AttrOr("action", ""); !seen[action] {
					seen[action] = true
					actions = append(actions, action)
				}
			})
		}
	}
	return actions
}

// Every form has its own limit. A limit on guesses is shown to the visitor. A limit on
// an address is not, because the answer would reveal whether the address has an account.
func TestEachFormHasItsOwnLimit(t *testing.T) {
	each(t, vars{"LIMIT_ADDRESS": "2/1h", "LIMIT_LINK": "2/1h", "LIMIT_SIGNIN": "2/15m", "LIMIT_SIGNIN_ACCOUNT": "2/15m", "TRUSTED_PROXIES": "127.0.0.0/8"}, func(s *service) {
		s.account(user)
		ip := 0
		stranger := func() *browser { ip++; return s.from(fmt.Sprintf("203.0.113.%d", ip)) }
		in := stranger()
		in.login(user, oldPassword).To("/login")
		link := s.ask(user)
		notMe := s.notMeIn(s.mails()[0])
		form := s.browser().OpenLink(link)
		third := func(what string, want int, try func() page) {
			s.Helper()
			for n := range 3 {
				if p := try(); (p.Status == want) != (n == 2) {
					s.Errorf("%s, try %d: got %d", what, n+1, p.Status)
				}
			}
		}
		third("choose", http.StatusTooManyRequests, func() page { return stranger().With("Cookie", "resetd_link="+token(link)).Choose(form, "x", "x") })
		s.db.SQL(s.T, `DELETE FROM reset_limits`) // both forms of a link share one limit
		third("not me", http.StatusTooManyRequests, func() page { return stranger().Deny(notMe) })
		third("login", http.StatusTooManyRequests, func() page { return stranger().login(user, "wrong") })
		third("change", http.StatusTooManyRequests, func() page { return in.change("wrong", newPassword) })
		for range 3 {
			stranger().Request(nobody).To("/password-reset/done")
		}
		s.is("1", `SELECT count(*) FROM password_resets WHERE withheld = 'throttled'`)
	})
}

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
