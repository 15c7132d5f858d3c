package main

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/config"
	"resetd/internal/staff"
)

func limits(address, ip, link, signin string) setting {
	return func(v *config.Settings, _ *config.Secrets) {
		v.LimitAddress, v.LimitIP, v.LimitLink, v.LimitSignin = address, ip, link, signin
		v.TrustedProxies = "127.0.0.0/8"
	}
}

// from returns a browser with another IP address.
func (s *site) from(ip string) *browser { return s.browser().With("X-Forwarded-For", ip) }

func TestAddressLimitIsNotRevealed(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for _, email := range []string{"user@example.org", "nobody@example.org"} {
			var first page
			for i := range 4 {
				// Spellings of one address count together.
				typed := []string{email, " " + email, "USER@example.org", email}[i]
				if email != "user@example.org" {
					typed = email
				}
				p := s.browser().Post("/password-reset", "email", typed).Is(http.StatusSeeOther).To("/password-reset/done")
				p.Header.Del("Date")
				p.Header.Del("X-Request-Id")
				if i == 0 {
					first = p
				}
				if diff := cmp.Diff(first.Header, p.Header); diff != "" {
					s.Errorf("%s: the answer to request %d differs:\n%s", email, i+1, diff)
				}
				s.settled()
				s.clock.Add(time.Second)
			}
		}
		mails := s.mails()
		if len(mails) != 2 {
			s.Fatalf("got %d emails, want 2", len(mails))
		}
		throttled := s.db.Text(s.T, `SELECT count(*) FROM password_resets WHERE withheld = 'throttled'`)
		if throttled != "4" {
			s.Errorf("%s rows are throttled, want two for each address", throttled)
		}
		s.browser().OpenLink(s.linkIn(mails[1])) // throttled requests do not end links
		s.clock.Add(30 * time.Minute)
		s.ask("user@example.org")
	}, limits("2/30m", "0", "0", "0"))
}

func TestIPAddressLimitIsShown(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, typed := range []string{"a@example.org", "nonsense", "b@example.org"} {
			s.from("203.0.113.5").Post("/password-reset", "email", typed)
		}
		p := s.from("203.0.113.5").Post("/password-reset", "email", "c@example.org").Is(http.StatusTooManyRequests).Has("h1", 1)
		if got := p.Header.Get("Retry-After"); got != "3600" {
			s.Errorf("Retry-After: got %q, want 3600", got)
		}
		s.from("203.0.113.6").Post("/password-reset", "email", "c@example.org").Is(http.StatusSeeOther)
		for i := range 3 {
			s.from(fmt.Sprintf("2001:db8:0:1::%d", i)).Post("/password-reset", "email", "d@example.org").Is(http.StatusSeeOther)
		}
		s.from("2001:db8:0:1:ffff::1").Post("/password-reset", "email", "d@example.org").Is(http.StatusTooManyRequests)
		s.from("2001:db8:0:2::1").Post("/password-reset", "email", "d@example.org").Is(http.StatusSeeOther)
		s.clock.Add(time.Hour)
		s.from("203.0.113.5").Post("/password-reset", "email", "c@example.org").Is(http.StatusSeeOther)
		if rows := len(s.resets()); rows != 8 {
			s.Errorf("%d rows, want one for each allowed request", rows)
		}
	}, limits("0", "3/1h", "0", "0"))
}

func TestLinkLimitEndsWithItsWindow(t *testing.T) {
	eachSite(t, func(s *site) {
		b, form := s.opened("user@example.org")
		for range 3 {
			b.Choose(form, "short", "short").Is(http.StatusUnprocessableEntity)
		}
		p := b.Choose(form, newPassword, newPassword).Is(http.StatusTooManyRequests).Says("too often", "changed nothing").Lacks("another try")
		p.Has(`form[action="/password-reset"] input[name="email"]`, 1)
		if p.Header.Get("Retry-After") == "" {
			s.Error("no Retry-After")
		}
		s.clock.Add(10 * time.Minute)
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "3/10m", "0"))
}

func TestPasswordChangeLimitsGuesses(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		for range 3 {
			b.Post("/password-change", "old_password", "wrong", "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusUnprocessableEntity)
		}
		b.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusTooManyRequests)
	}, limits("0", "0", "0", "3/15m"))
}

// A refused visitor must not use up the limits of others.
func TestRefusedVisitorUsesUpNoOtherLimit(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for range 3 {
			s.from("203.0.113.5").Post("/password-reset", "email", "nobody@example.org").Is(http.StatusSeeOther)
		}
		for range 3 {
			s.from("203.0.113.5").Post("/password-reset", "email", "user@example.org").Is(http.StatusTooManyRequests)
		}
		s.from("203.0.113.6").Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		s.sent(1)
		s.from("203.0.113.5").login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		for range 3 {
			s.from("203.0.113.5").login("user@example.org", "wrong").Is(http.StatusTooManyRequests)
		}
		s.from("203.0.113.6").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
	}, limits("3/1h", "3/1h", "0", "1/15m"), accountLimit("2/1h"))
}

// Only a wrong current password counts.
func TestRefusedNewPasswordIsNotCounted(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		for range 5 {
			b.Post("/password-change", "old_password", oldPassword, "new_password", "otter", "confirm_password", "otter").Is(http.StatusUnprocessableEntity)
		}
		b.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "2/15m"))
}

func TestBusyServerCountsNoFailedSignIn(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		busy, done := context.WithCancel(s.Context())
		defer done()
		s.fillQueue(busy)
		for range 3 {
			s.browser().login("user@example.org", oldPassword).Is(http.StatusServiceUnavailable)
		}
		s.stored(`SELECT coalesce(max(count), 0) FROM reset_limits`, "0")
	}, limits("0", "0", "0", "1/15m"), func(v *config.Settings, _ *config.Secrets) {
		v.HashWorkers, v.HashQueue, v.HashMemory, v.HashPasses = "1", "100", "64", "60"
	})
}

// formLimits contains a counter that each form charges.
var formLimits = map[string]string{
	"/password-reset": "request from", "/password-reset/confirm": "link", "/password-reset/not-me/:token": "link",
	"/signup": "sign-up from", "/signup/confirm/:token": "link", "/login": "sign-in from", "/password-change": "known sign-in by", "/support/login": "sign-in from",
	"/support/me/password": "known sign-in by", "/support/me/totp": "known sign-in by", "/support/join/:token": "link",
}

// unlimited are the forms without a limit: signing out is harmless, and the actions of
// staff are recorded.
var unlimited = map[string]bool{"/logout": true, "/support/logout": true, "/support/resets/:id/send": true, "/support/resets/:id/revoke": true, "/support/accounts/*user_id": true, "/support/members": true, "/support/members/:name": true}

// A new form without a limit must fail this test.
func TestEveryFormHasALimiter(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b, other := s.from("192.0.2.1"), s.from("192.0.2.2")
		link := s.ask("user@example.org")
		s.browser().signUp("new@example.org")
		notMe := s.notMeIn(s.mails()[0])
		signUp := s.signUpLinkIn(s.mails()[1])
		form := b.OpenLink(link)
		other.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		vera := s.member("vera", staff.Viewer)
		join := s.invited(s.member("ada", staff.Admin), "arno", staff.Agent)
		joining := b.Get(join)
		fill := map[string]func(){
			"/support/join/:token": func() { b.join(join, "x", "y", joining.Field("setup"), "") },
			"/support/me/password": func() {
				vera.Post("/support/me/password", "old_password", "x", "new_password", "y", "confirm_password", "y")
			},
			"/support/me/totp": func() {
				form := vera.Get("/support/me/totp")
				vera.Post("/support/me/totp", "old_password", "x", "setup", form.Field("setup"), "code", "0")
			},
			"/password-reset":               func() { s.from("192.0.2.3").Post("/password-reset", "email", "user@example.org") },
			"/password-reset/confirm":       func() { b.Choose(form, "x", "y") },
			"/password-reset/not-me/:token": func() { b.Deny(notMe) },
			"/signup":                       func() { b.signUp("other@example.org") },
			"/signup/confirm/:token":        func() { b.finish(signUp, newPassword) },
			"/login":                        func() { b.login("user@example.org", "wrong") },
			"/support/login":                func() { b.Post("/support/login", "name", "agent", "password", "wrong", "code", "") },
			"/password-change": func() {
				other.Post("/password-change", "old_password", "x", "new_password", "y", "confirm_password", "z")
			},
		}
		for _, route := range s.app.engine.Routes() {
			if route.Method != http.MethodPost || unlimited[route.Path] {
				continue
			}
			if fill[route.Path] == nil {
				s.Errorf("%s has no limiter that this test knows", route.Path)
				continue
			}
			s.db.SQL(s.T, `DELETE FROM reset_limits`)
			fill[route.Path]()
			charged := s.db.Text(s.T, `SELECT count(*) FROM reset_limits WHERE key LIKE '`+formLimits[route.Path]+` %'`)
			want := "1"
			if route.Path == "/login" {
				want = "2" // the very address that was typed, and all ways of writing it
			}
			if charged != want {
				s.Errorf("%s charged %s counters of %q, want %s", route.Path, charged, formLimits[route.Path], want)
			}
		}
	}, limits("100/1h", "100/1h", "100/1h", "100/15m"), signUpOn)
}

// The shield protects all forms without a query.
func TestEveryFormHasTheShield(t *testing.T) {
	eachSite(t, func(s *site) {
		for i, route := range s.app.engine.Routes() {
			if route.Method != http.MethodPost {
				continue
			}
			b := s.from(fmt.Sprintf("203.0.113.%d", i))
			for range 4 {
				if p := b.Post(route.Path); p.Status == http.StatusTooManyRequests {
					s.Errorf("%s: too soon", route.Path)
				}
			}
			b.Post(route.Path).Is(http.StatusTooManyRequests)
		}
	}, limits("0", "1/1h", "0", "0"), signUpOn)
}
