package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/users"
)

func (b *browser) login(email, plain string, more ...string) page {
	b.Helper()
	return b.post("/login", append([]string{"email", email, "password", plain}, more...)...)
}

func TestSignInErrorsLookTheSame(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("inactive@example.org", func(u *users.User) { u.Active = false })
		s.user("new@example.org", func(u *users.User) { u.PasswordHash = "" })
		var first string
		for _, c := range [][2]string{
			{"user@example.org", "wrong"},
			{"nobody@example.org", oldPassword},
			{"inactive@example.org", oldPassword},
			{"new@example.org", oldPassword},
			{"user@example.org", strings.Repeat("long", 10_000)},
			{"user@example.org", ""},
			{"not an address", "x"},
		} {
			p := s.browser().login(c[0], c[1]).is(http.StatusUnprocessableEntity).has(`[role="alert"]`, 1)
			if p.value("email") != c[0] || p.value("password") != "" {
				s.Errorf("%s: the form contains %q and %q", c[0], p.value("email"), p.value("password"))
			}
			body := strings.ReplaceAll(p.body, c[0], "")
			if first == "" {
				first = body
			}
			if diff := cmp.Diff(first, body); diff != "" || len(p.header.Values("Set-Cookie")) != 0 {
				s.Errorf("%s: the answer differs:\n%s", c[0], diff)
			}
		}
	})
}

func TestSignInRenewsAndSignOutEndsTheSession(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).is(http.StatusSeeOther).to("/login")
		first := b.cookie("resetd_session")
		b.get("/login").is(http.StatusOK).has(`form[action="/logout"]`, 1).has(`a[href="/password-change"]`, 1)
		b.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		second := b.cookie("resetd_session")
		if first == "" || first == second {
			s.Error("the session's token is not new after signing in")
		}
		thief := s.browser().with("Cookie", "resetd_session="+second)
		thief.get("/password-change").is(http.StatusOK)
		b.post("/logout").is(http.StatusSeeOther).to("/login")
		thief.get("/password-change").is(http.StatusSeeOther)
		s.browser().with("Cookie", "resetd_session="+first).get("/password-change").is(http.StatusSeeOther)
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_sessions`); n != "0" {
			s.Errorf("%s sessions are left, want none", n)
		}
	})
}

// The page after a reset claims that this browser was signed out.
func TestCompletePageOfASignedInBrowserClaimsNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		b.get("/password-reset/complete").is(http.StatusSeeOther).to("/login")
		s.browser().get("/password-reset/complete").is(http.StatusOK).says("is set")
	})
}

// A browser that keeps no cookies would see an empty form after signing in.
func TestSignInSaysThatCookiesAreRefused(t *testing.T) {
	eachSite(t, func(s *site) {
		const told = "did not keep our cookie"
		for _, path := range []string{"/login", "/support/login"} {
			b := s.browser().with("Sec-Fetch-Site", "same-origin").with("Referer", s.url+path)
			b.get(path).is(http.StatusOK).says(told).has(`[role="alert"]`, 1)
			b.get(path).is(http.StatusOK).lacks(told) // this browser has kept it
			s.browser().get(path).is(http.StatusOK).lacks(told)
			s.browser().with("Sec-Fetch-Site", "same-origin").with("Referer", s.url+"/signup").get(path).lacks(told)
			s.browser().with("Sec-Fetch-Site", "same-site").with("Referer", "https://app.example.org"+path).get(path).lacks(told)
		}
	})
}

func (b *browser) cookie(name string) string {
	b.Helper()
	for _, c := range b.client.Jar.Cookies(b.here()) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func TestSessionsAreHashedAndExpire(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_sessions WHERE token_hash = '`+b.cookie("resetd_session")+`'`); n != "0" {
			s.Error("the session's token is in the database")
		}
		s.db.SQL(s.T, `UPDATE users SET active = false`)
		b.get("/password-change").is(http.StatusSeeOther)
		s.db.SQL(s.T, `UPDATE users SET active = true`)
		b.get("/password-change").is(http.StatusOK)
		s.db.SQL(s.T, `UPDATE reset_sessions SET expires_at = '2001-01-01 00:00:00.000000+00:00'`)
		b.get("/password-change").is(http.StatusSeeOther)
		s.must(s.app.sessions.DeleteExpired(s.Context()))
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_sessions`); n != "0" {
			s.Errorf("%s expired sessions are left, want none", n)
		}
	})
}

func TestPasswordChangeRequiresTheOldPassword(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		here, elsewhere := s.browser(), s.browser()
		here.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		elsewhere.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		form := here.get("/password-change").is(http.StatusOK)
		form.has(`input[name="old_password"][autocomplete="current-password"]`, 1)

		wrong := here.post("/password-change", "old_password", "wrong", "new_password", "zqxjv", "confirm_password", "zqxjw").is(http.StatusUnprocessableEntity)
		wrong.has(`[role="alert"] a[href="#old_password"]`, 1).has(`[role="alert"] a[href="#new_password"]`, 1).has(`[role="alert"] a[href="#confirm_password"]`, 1)
		if !s.signsIn("user@example.org", oldPassword) {
			s.Error("a refused change changed the password")
		}

		here.post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).
			is(http.StatusSeeOther).to("/password-change/done")
		here.get("/password-change/done").is(http.StatusOK)
		here.get("/password-change").is(http.StatusOK)
		elsewhere.get("/password-change").is(http.StatusSeeOther)
		s.browser().get(link).is(http.StatusGone)
		mails := s.mails()
		if len(mails) != 2 || mails[1].To[0] != "user@example.org" || !strings.Contains(textOf(s.T, mails[1]), "127.0.0.1") {
			s.Errorf("got %d mails, want a notice that names the IP address", len(mails))
		}
		if s.signsIn("user@example.org", oldPassword) || !s.signsIn("user@example.org", newPassword) {
			s.Error("the old password signs in, or the new one does not")
		}
	})
}

func TestNextAcceptsOnlyLocalPaths(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for next, want := range map[string]string{
			"/password-change": "/password-change", "/a?b=c": "/a?b=c", "": "/login",
			"//evil.example": "/login", "/\\evil.example": "/login", "https://evil.example": "/login", "evil": "/login",
			"/\t/evil.example": "/login", "\t//evil.example": "/login", "/\n/evil.example": "/login", "javascript:alert(1)": "/login", "///evil.example": "/login",
		} {
			s.browser().login("user@example.org", oldPassword, "next", next).is(http.StatusSeeOther).to(want)
		}
		b := s.browser()
		b.get("/password-change").is(http.StatusSeeOther).to("/login?next=/password-change")
		if got := b.get("/login?next=/password-change").value("next"); got != "/password-change" {
			s.Errorf("the form contains %q, want /password-change", got)
		}
		if got := b.get("/login?next=//evil.example").value("next"); got != "" {
			s.Errorf("the form contains %q, want nothing", got)
		}
	})
}

func TestEntryPathsRedirect(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.browser()
		b.get("/").is(http.StatusSeeOther).to("/login")
		b.get("/login").is(http.StatusOK).has(`a[href="/password-reset"]`, 1)
		b.get("/.well-known/change-password").is(http.StatusSeeOther).to("/password-change")
		b.get("/nowhere").is(http.StatusNotFound).has("h1", 1)
		b.get("/dev/mailbox").is(http.StatusNotFound)
		b.get("/healthz").is(http.StatusOK)
		s.ready(true)
	})
}

func TestPagesHavePrivateHeaders(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, path := range []string{"/login", "/password-reset", "/password-reset/done", "/password-reset/confirm", "/password-reset/complete", "/nowhere"} {
			h := s.browser().get(path).header
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
			} {
				if got := h.Get(name); got != want {
					s.Errorf("%s: %s is %q, want %q", path, name, got, want)
				}
			}
			if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
				s.Errorf("%s: Content-Security-Policy is %q", path, csp)
			}
		}
	})
}

// here is the site's address, for the cookies.
func (b *browser) here() *url.URL {
	b.Helper()
	here, err := url.Parse(b.url)
	b.must(err)
	return here
}

// The form was shown for the account of an earlier sign-in in the same browser.
func TestChangeFormChangesOnlyItsOwnAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("work@example.org")
		s.user("home@example.org")
		b := s.browser()
		b.login("work@example.org", oldPassword).is(http.StatusSeeOther)
		b.get("/password-change").is(http.StatusOK).says("For the account work@example.org")
		b.post("/logout").is(http.StatusSeeOther)
		b.login("home@example.org", oldPassword).is(http.StatusSeeOther)
		b.post("/password-change", "username", "work@example.org", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).
			is(http.StatusUnprocessableEntity).says("nothing was changed", "You are signed in to home@example.org")
		for _, email := range []string{"work@example.org", "home@example.org"} {
			if !s.signsIn(email, oldPassword) {
				s.Errorf("the password of %s was changed", email)
			}
		}
	})
}

func TestCurrentPasswordIsNotANewOne(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		b.post("/password-change", "old_password", oldPassword, "new_password", oldPassword, "confirm_password", oldPassword).
			is(http.StatusUnprocessableEntity).says("this is your current one")
		if n := len(s.mails()); n != 0 {
			s.Errorf("%d mails, want none", n)
		}
	})
}
