package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/staff"
)

func accountLimit(rule string) setting {
	return func(v *config.Settings, _ *config.Secrets) { v.LimitSigninAccount = rule }
}

// lock fails to sign in until the network is locked.
func (s *site) lock(ip, email string, failures int) {
	s.Helper()
	for range failures {
		s.from(ip).login(email, "wrong").Is(http.StatusUnprocessableEntity)
	}
	s.from(ip).login(email, oldPassword).Is(http.StatusTooManyRequests)
}

// Failures from one network lock this account for this network only. An account that
// does not exist is locked in the same way.
func TestSignInLimitCountsPerAccountAndNetwork(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("colleague@example.org")
		for range 5 { // successful sign-ins do not count
			s.from("203.0.113.1").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		}
		for _, email := range []string{"user@example.org", "nobody@example.org", "not an address"} {
			for _, typed := range []string{email, " " + email, strings.ToUpper(email)} {
				s.from("198.51.100.7").login(typed, "wrong").Is(http.StatusUnprocessableEntity)
			}
			if s.from("198.51.100.7").login(email, oldPassword).Is(http.StatusTooManyRequests).Header.Get("Retry-After") == "" {
				s.Errorf("%s: no Retry-After", email)
			}
		}
		s.from("198.51.100.7").login("colleague@example.org", oldPassword).Is(http.StatusSeeOther)
		s.from("198.51.100.8").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		for i := range 3 {
			s.from(fmt.Sprintf("2001:db8:0:1::%d", i)).login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		s.from("2001:db8:0:1:ffff::1").login("user@example.org", oldPassword).Is(http.StatusTooManyRequests).
			Says("choose a new password").Has(`a[href="/password-reset"]`, 1)
		s.from("2001:db8:0:2::1").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		s.clock.Add(15 * time.Minute)
		s.from("198.51.100.7").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "3/15m"))
}

func TestSignInLimitOverAllNetworks(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for _, email := range []string{"user@example.org", "nobody@example.org"} {
			for i := range 4 {
				s.from(fmt.Sprintf("198.51.100.%d", i)).login(email, "wrong").Is(http.StatusUnprocessableEntity)
			}
			s.from("198.51.100.99").login(email, oldPassword).Is(http.StatusTooManyRequests)
		}
		s.clock.Add(time.Hour)
		s.from("198.51.100.99").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "3/15m"), accountLimit("4/1h"))
}

// A refused attempt must not hash a password: the queue of hashes is full here, so it
// would get 503.
func TestRefusedSignInHashesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.lock("198.51.100.7", "user@example.org", 1)
		s.fillQueue(s.Context())
		s.from("198.51.100.7").login("user@example.org", oldPassword).Is(http.StatusTooManyRequests)
		s.from("198.51.100.8").login("user@example.org", oldPassword).Is(http.StatusServiceUnavailable)
	}, limits("0", "0", "0", "1/15m"), func(v *config.Settings, _ *config.Secrets) {
		v.HashWorkers, v.HashQueue, v.HashMemory, v.HashPasses = "1", "100", "64", "60"
	})
}

// A browser that has signed in to the account before is not locked by the failures of
// others. It has its own limits.
func TestKnownBrowserIsNotLockedByStrangers(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("other@example.org")
		known := s.from("203.0.113.1")
		known.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		known.Post("/logout").Is(http.StatusSeeOther)
		for i := range 4 {
			s.from(fmt.Sprintf("198.51.100.%d", i)).login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		s.from("203.0.113.1").login("user@example.org", oldPassword).Is(http.StatusTooManyRequests)
		known.login(" USER@example.org", oldPassword).Is(http.StatusSeeOther)

		known.login("other@example.org", oldPassword).Is(http.StatusSeeOther) // knows both from now on
		known.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		for range 3 {
			known.login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		known.login("user@example.org", oldPassword).Is(http.StatusTooManyRequests)
		known.login("other@example.org", oldPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "3/15m"), accountLimit("4/1h"))
}

// All browsers that know an account share a limit: somebody who had the password once
// could have made many.
func TestKnownBrowsersShareALimit(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		var browsers []*browser
		for range 3 {
			b := s.browser()
			b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
			browsers = append(browsers, b)
		}
		for i := range 4 {
			browsers[i%2].login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		browsers[2].login("user@example.org", oldPassword).Is(http.StatusTooManyRequests)
		s.from("203.0.113.9").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "3/15m"), accountLimit("4/1h"))
}

// Whoever signed in with a password that was replaced must not lock the browsers of the
// account's owner, which have signed in with the new one.
func TestBrowsersThatKnewAnOldPasswordLockNoNewerOnes(t *testing.T) {
	for name, set := range map[string]func(*site, *browser, string){
		"link": func(s *site, owner *browser, email string) {
			owner.Choose(owner.OpenLink(s.ask(email)), newPassword, newPassword).Is(http.StatusSeeOther)
		},
		"change": func(_ *site, owner *browser, email string) {
			owner.login(email, oldPassword).Is(http.StatusSeeOther)
			owner.change(oldPassword, newPassword).Is(http.StatusSeeOther)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				a := s.user("user@example.org")
				var strangers []*browser
				for i := range 2 {
					b := s.from(fmt.Sprintf("198.51.100.%d", i))
					b.login(a.Email, oldPassword).Is(http.StatusSeeOther)
					strangers = append(strangers, b)
				}
				owner := s.from("203.0.113.1")
				set(s, owner, a.Email)
				for i := range 4 {
					strangers[i%2].login(a.Email, "wrong").Is(http.StatusUnprocessableEntity)
				}
				strangers[0].login(a.Email, newPassword).Is(http.StatusTooManyRequests)
				owner.login(a.Email, newPassword).Is(http.StatusSeeOther)
			}, limits("0", "0", "0", "3/15m"), accountLimit("4/1h"))
		})
	}
}

func TestStaffBrowsersThatKnewAnOldPasswordLockNoNewerOnes(t *testing.T) {
	eachSite(t, func(s *site) {
		owner := s.member("vera", staff.Viewer)
		var strangers []*browser
		for i := range 2 {
			b := s.from(fmt.Sprintf("198.51.100.%d", i))
			b.staffLogin("vera", oldPassword, "").Is(http.StatusSeeOther)
			strangers = append(strangers, b)
		}
		owner.Post("/support/me/password", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusSeeOther)
		for i := range 4 {
			strangers[i%2].staffLogin("vera", "wrong", "").Is(http.StatusUnprocessableEntity)
		}
		strangers[0].staffLogin("vera", newPassword, "").Is(http.StatusTooManyRequests)
		owner.staffLogin("vera", newPassword, "").Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "3/15m"), accountLimit("4/1h"))
}

// The mark of one account is worthless for another, and so is a changed or old one.
func TestKnownBrowserCookieCannotBeForged(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("other@example.org")
		owner, stranger := s.browser(), s.browser()
		owner.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		stranger.login("other@example.org", oldPassword).Is(http.StatusSeeOther)
		mark := owner.Cookie("resetd_known")
		if mark == "" || strings.Contains(mark, "user") {
			s.Fatalf("the cookie is %q", mark)
		}
		s.lock("198.51.100.7", "user@example.org", 1)
		from := func(cookie string) page {
			return s.from("198.51.100.7").With("Cookie", "resetd_known="+cookie).login("user@example.org", oldPassword)
		}
		from(mark).Is(http.StatusSeeOther)
		from("x." + stranger.Cookie("resetd_known") + "." + mark).Is(http.StatusSeeOther)
		first, last := "B", "A"
		if strings.HasPrefix(mark, first) {
			first = "C"
		}
		if strings.HasSuffix(mark, last) {
			last = "E"
		}
		for _, forged := range []string{stranger.Cookie("resetd_known"), mark[:len(mark)-1] + last, first + mark[1:], strings.Repeat(mark[:20], 400), "", "...."} {
			from(forged).Is(http.StatusTooManyRequests)
		}
		s.clock.Add(401 * 24 * time.Hour)
		s.lock("198.51.100.7", "user@example.org", 1)
		from(mark).Is(http.StatusTooManyRequests)
	}, limits("0", "0", "0", "1/15m"))
}

func TestKnownBrowserCookieIsProtected(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.member("arno", staff.Agent)
		for path, c := range map[string]struct {
			form url.Values
			name string
		}{
			"/login":         {url.Values{"email": {"user@example.org"}, "password": {oldPassword}}, "__Host-resetd_known"},
			"/support/login": {url.Values{"name": {"arno"}, "password": {oldPassword}, "code": {""}}, "__Host-resetd_staff_known"},
		} {
			req := httptest.NewRequestWithContext(s.Context(), http.MethodPost, path, strings.NewReader(c.form.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.app.handler.ServeHTTP(w, req)
			found := false
			for _, cookie := range w.Result().Cookies() {
				if cookie.Name == c.name {
					found = cookie.Secure && cookie.HttpOnly && cookie.SameSite == http.SameSiteLaxMode && cookie.Path == "/" && cookie.Domain == "" && cookie.MaxAge > 300*24*3600
				}
			}
			if !found {
				s.Errorf("%s: %v", path, w.Header()["Set-Cookie"])
			}
		}
	}, func(v *config.Settings, _ *config.Secrets) { v.BaseURL = "https://accounts.example.org" })
}

// Each way to a new password forgets the failures, so "you can sign in now" is true.
func TestNewPasswordLiftsLocks(t *testing.T) {
	for name, set := range map[string]func(*site, reset.Account, *browser){
		"link": func(s *site, a reset.Account, _ *browser) {
			b := s.browser()
			b.Choose(b.OpenLink(s.ask(a.Email)), newPassword, newPassword).Is(http.StatusSeeOther)
		},
		"change": func(_ *site, _ reset.Account, owner *browser) {
			owner.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusSeeOther)
		},
		"command": func(s *site, a reset.Account, _ *browser) {
			s.must(s.app.resets.Assign(s.Context(), a, newPassword, newPassword))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				a, owner := s.user("user@example.org"), s.browser()
				s.user("other@example.org")
				owner.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
				s.lock("198.51.100.7", "user@example.org", 2)
				s.lock("198.51.100.8", "user@example.org", 1) // the limit of all networks
				s.lock("198.51.100.7", "other@example.org", 2)
				set(s, a, owner)
				for _, ip := range []string{"198.51.100.7", "198.51.100.8", "198.51.100.9"} {
					s.from(ip).login("user@example.org", newPassword).Is(http.StatusSeeOther)
				}
				s.from("198.51.100.7").login("other@example.org", oldPassword).Is(http.StatusTooManyRequests)
			}, limits("0", "0", "0", "2/15m"), accountLimit("3/1h"))
		})
	}
}

// A use that fails must not lift the locks.
func TestRefusedPasswordLiftsNoLock(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		s.lock("198.51.100.7", "user@example.org", 2)
		b := s.browser()
		b.Choose(b.OpenLink(s.ask(a.Email)), "short", "short").Is(http.StatusUnprocessableEntity)
		s.from("198.51.100.7").login("user@example.org", oldPassword).Is(http.StatusTooManyRequests)
	}, limits("0", "0", "0", "2/15m"))
}

// Failures with all spellings of a name count together. The limits of staff and of
// users do not touch each other.
func TestStaffSignInLimits(t *testing.T) {
	eachSite(t, func(s *site) {
		known := s.member("arno", staff.Agent)
		for _, name := range []string{"arno", "nobody"} {
			s.lock("198.51.100.7", "staff "+name, 3)
			s.lock("198.51.100.7", "staff:"+name, 3)
			for _, typed := range []string{name, strings.ToUpper(name), " " + name + "\t"} {
				s.from("198.51.100.7").staffLogin(typed, "wrong", "").Is(http.StatusUnprocessableEntity)
			}
			if s.from("198.51.100.7").staffLogin(name, oldPassword, "").Is(http.StatusTooManyRequests).Has(`[role="alert"] a[href="#name"]`, 1).Header.Get("Retry-After") == "" {
				s.Error("no Retry-After")
			}
			s.from("198.51.100.8").staffLogin(name, "wrong", "").Is(http.StatusUnprocessableEntity) // the fourth
			s.from("198.51.100.9").staffLogin(name, oldPassword, "").Is(http.StatusTooManyRequests)
		}
		known.staffLogin("Arno", oldPassword, "").Is(http.StatusSeeOther)
		s.must(s.app.staff.SetPassword(s.Context(), staff.Operator(), "arno", newPassword, newPassword))
		s.from("198.51.100.7").staffLogin("arno", newPassword, "").Is(http.StatusSeeOther)
		for range 5 { // successful sign-ins do not count
			s.from("203.0.113.9").staffLogin("arno", newPassword, "").Is(http.StatusSeeOther)
		}
	}, limits("0", "0", "0", "3/15m"), accountLimit("4/1h"))
}

// A stranger goes on guessing after the owner has set a new password. The browser that
// used the link is not locked out before its first sign-in.
func TestBrowserThatUsedALinkIsNotLocked(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		owner := s.from("203.0.113.1")
		owner.Choose(owner.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		for i := range 4 {
			s.from(fmt.Sprintf("198.51.100.%d", i)).login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		s.from("203.0.113.1").login("user@example.org", newPassword).Is(http.StatusTooManyRequests)
		owner.login("user@example.org", newPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "20/15m"), accountLimit("4/1h"))
}

// A trusted proxy that names no visitor makes all visitors look alike. A stranger's
// failures must not lock the others out as if they came from one network.
func TestVisitorsWithoutAnAddressShareNoLock(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for range 4 {
			s.from("unknown").login("user@example.org", "wrong").Is(http.StatusUnprocessableEntity)
		}
		s.from("unknown").login("user@example.org", oldPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "3/15m"))
}
