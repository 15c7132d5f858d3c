package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/staff"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

func (b *browser) login(email, plain string, more ...string) page {
	b.Helper()
	return b.Post("/login", append([]string{"email", email, "password", plain}, more...)...)
}

// signedIn adds an account, and returns a browser that is signed in to it.
func (s *site) signedIn(email string) *browser {
	s.Helper()
	s.user(email)
	b := s.browser()
	b.login(email, oldPassword).Is(http.StatusSeeOther)
	return b
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
			p := s.browser().login(c[0], c[1]).Is(http.StatusUnprocessableEntity).Has(`[role="alert"]`, 1)
			if p.Field("email") != c[0] || p.Field("password") != "" {
				s.Errorf("%s: the form contains %q and %q", c[0], p.Field("email"), p.Field("password"))
			}
			body := strings.ReplaceAll(p.Body, c[0], "")
			if first == "" {
				first = body
			}
			if diff := cmp.Diff(first, body); diff != "" || len(p.Header.Values("Set-Cookie")) != 0 {
				s.Errorf("%s: the answer differs:\n%s", c[0], diff)
			}
		}
	})
}

func TestSignInRenewsAndSignOutEndsTheSession(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).Is(http.StatusSeeOther).To("/login")
		first := b.Cookie("resetd_session")
		b.Get("/login").Is(http.StatusOK).Has(`form[action="/logout"]`, 1).Has(`a[href="/password-change"]`, 1)
		b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		second := b.Cookie("resetd_session")
		if first == "" || first == second {
			s.Error("the session's token is not new after signing in")
		}
		thief := s.browser().With("Cookie", "resetd_session="+second)
		thief.Get("/password-change").Is(http.StatusOK)
		b.Post("/logout").Is(http.StatusSeeOther).To("/login")
		thief.Get("/password-change").Is(http.StatusSeeOther)
		s.browser().With("Cookie", "resetd_session="+first).Get("/password-change").Is(http.StatusSeeOther)
		s.stored(`SELECT count(*) FROM reset_sessions`, "0")
	})
}

// The page after a reset states that this browser was signed out.
func TestCompletePageOfASignedInBrowserStatesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		b.Get("/password-reset/complete").Is(http.StatusSeeOther).To("/login")
	})
}

// The pages say what is so after a reload too, when the notice may have been given up.
func TestPagesAfterAChangeWhoseNoticeIsRefused(t *testing.T) {
	eachSite(t, func(s *site) {
		const notice = "to the address of the account, unless it can't be delivered there"
		b, form := s.opened("user@example.org")
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 550, Text: "no such user"})
		b.Choose(form, newPassword, newPassword).To("/password-reset/complete")
		s.settled()
		b.Get("/password-reset/complete").Is(http.StatusOK).Says(notice)
		b.login("user@example.org", newPassword)
		b.change(newPassword, ownPassword).To("/password-change/done")
		s.settled()
		b.Get("/password-change/done").Is(http.StatusOK).Says(notice)
		s.stored(`SELECT count(*) FROM reset_deliveries WHERE failed_at IS NOT NULL`, "2")
	})
}

// Somebody may open the page by hand or from the history, on a shared computer too.
func TestCompletePageStatesOnlyWhatThisBrowserDid(t *testing.T) {
	eachSite(t, func(s *site) {
		const next, notice = "Use it the next time you sign in", "confirms the change"
		unsure := func(b *browser) {
			s.Helper()
			b.Get("/password-reset/complete").Is(http.StatusOK).Says("Did you just choose", "was set if").Lacks(next, notice).
				Has(`main a[href="/login"]`, 1).Has(`main a[href="/password-reset"]`, 1)
		}
		s.user("user@example.org")
		unsure(s.browser())
		b := s.browser()
		form := b.OpenLink(s.ask("user@example.org"))
		unsure(b)
		b.Choose(form, "short", "short").Is(http.StatusUnprocessableEntity)
		unsure(b)
		b.Choose(form, newPassword, newPassword).To("/password-reset/complete")
		for range 2 { // also after a reload
			b.Get("/password-reset/complete").Is(http.StatusOK).Says("is set", next, notice).Has(`main a[href="/password-reset"]`, 0)
		}
		// The back button.
		b.Get("/password-reset/confirm").Is(http.StatusNotFound).Says("A new password was set here just now").Lacks("Open the link").Has(`main a[href="/login"]`, 1)
		// A double click, whose first answer was lost.
		again := s.browser().With("Cookie", "resetd_link=")
		again.Choose(form, newPassword, newPassword).To("/password-reset/complete")
		if again.Cookie("resetd_complete") == "" {
			s.Error("the second answer does not say that a password was set")
		}
		b.login("user@example.org", newPassword)
		b.Post("/logout")
		unsure(b)
		// Somebody else opens a link at the same computer.
		s.user("other@example.org")
		b.Choose(b.OpenLink(s.ask("user@example.org")), ownPassword, ownPassword).To("/password-reset/complete")
		b.OpenLink(s.ask("other@example.org"))
		unsure(b)
		// Somebody with the email about it says "this wasn't me".
		b.Choose(b.OpenLink(s.ask("user@example.org")), newPassword, newPassword).To("/password-reset/complete")
		s.browser().Deny(s.notMeIn(s.last())).Is(http.StatusOK)
		unsure(b)
		b.Get("/password-reset/confirm").Is(http.StatusNotFound).Lacks("just now")
		unsure(s.browser().With("Cookie", "resetd_complete=00000000-0000-4000-8000-000000000000."))
	})
}

// A page that is loaded again states nothing that has ceased to be true: the account was
// closed, it was deleted, or it has another password.
func TestPagesAfterAnActionKnowWhatHappenedSince(t *testing.T) {
	ends := map[string]func(*site){
		"closed":           func(s *site) { s.db.SQL(s.T, `UPDATE users SET active = FALSE`) },
		"deleted":          func(s *site) { s.db.SQL(s.T, `DELETE FROM users`) },
		"another password": func(s *site) { s.db.SQL(s.T, `UPDATE users SET password_hash = 'x'`) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				created, link := s.browser(), s.signUpAsked("user@example.org")
				created.finish(link, oldPassword).To("/signup/complete")
				created.Get("/signup/complete").Is(http.StatusOK).Says("Sign in with the password")
				set, form := s.opened("other@example.org")
				set.Choose(form, newPassword, newPassword).To("/password-reset/complete")
				set.Get("/password-reset/complete").Is(http.StatusOK).Says("Use it the next time")
				end(s)
				created.Get("/signup/complete").Is(http.StatusNotFound).Says("Did you just create")
				created.finish(link, oldPassword)
				created.Get("/signup/complete").Is(http.StatusNotFound).Says("Did you just create")
				set.Get("/password-reset/complete").Is(http.StatusOK).Says("Did you just choose").Lacks("Use it the next time")
				set.Get("/password-reset/confirm").Is(http.StatusNotFound).Lacks("just now")
			}, signUpOn)
		})
	}
}

// Two people use one computer: the second must not read what the first did.
func TestPagesAfterAnActionAreForItsAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("other@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		b.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).To("/password-change/done")
		b.Get("/password-change/done").Is(http.StatusOK).Says("was changed")
		b.login("other@example.org", oldPassword).Is(http.StatusSeeOther)
		b.Get("/password-change/done").To("/password-change")
	})
}

// After signing in, somebody must not get to "that did not work", to a sign-in page again,
// or to another site.
func TestSignInLeadsToAPage(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.member("vera", staff.Viewer)
		for next, want := range map[string]string{
			"/logout": "/login", "/logout?x=1": "/login", "/%6Cogout": "/login", "/x/../logout": "/login", "/%2e%2e/logout": "/login", "/./logout#top": "/login",
			"/login": "/login", "/login?next=/logout": "/login", "/support/login": "/login", "/support/oidc?next=/x": "/login", "/100%": "/login",
			"/support/resets/5/revoke": "/login", "/password-change": "/password-change", "/app/start?a=100%#b": "/app/start?a=100%#b", "/loginx": "/loginx",
		} {
			if got := s.browser().Get("/login?next=" + url.QueryEscape(next)).Field("next"); got != "" && got != want {
				s.Errorf("next=%s: the form keeps %q", next, got)
			}
			s.browser().Post("/login", "email", "user@example.org", "password", oldPassword, "next", next).To(want)
		}
		for next, want := range map[string]string{
			"/support/logout": "/support", "/support/resets/5/send": "/support", "/support/login?next=/support/login": "/support", "/support/oidc": "/support",
			"/logout": "/support", "/support/accounts/a/b": "/support/accounts/a/b", "/support?q=100%": "/support?q=100%",
		} {
			s.browser().staffLogin("vera", oldPassword, "", "next", next).To(want)
		}
	})
}

// A browser that keeps no cookies would see an empty form after signing in.
func TestSignInSaysThatCookiesAreRefused(t *testing.T) {
	eachSite(t, func(s *site) {
		const told = "did not keep our cookie"
		for _, path := range []string{"/login", "/support/login"} {
			b := s.browser().With("Sec-Fetch-Site", "same-origin").With("Referer", s.url+path)
			b.Get(path).Is(http.StatusOK).Says(told).Has(`[role="alert"]`, 1)
			b.Get(path).Is(http.StatusOK).Lacks(told) // this browser has kept it
			s.browser().Get(path).Is(http.StatusOK).Lacks(told)
			s.browser().With("Sec-Fetch-Site", "same-origin").With("Referer", s.url+"/signup").Get(path).Lacks(told)
			s.browser().With("Sec-Fetch-Site", "same-site").With("Referer", "https://app.example.org"+path).Get(path).Lacks(told)
		}
	})
}

func TestSessionsAreHashedAndExpire(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_sessions WHERE token_hash = '`+b.Cookie("resetd_session")+`'`); n != "0" {
			s.Error("the session's token is in the database")
		}
		s.db.SQL(s.T, `UPDATE users SET active = false`)
		b.Get("/password-change").Is(http.StatusSeeOther)
		s.db.SQL(s.T, `UPDATE users SET active = true`)
		b.Get("/password-change").Is(http.StatusOK)
		s.db.SQL(s.T, `UPDATE reset_sessions SET expires_at = '2001-01-01 00:00:00.000000+00:00'`)
		b.Get("/password-change").Is(http.StatusSeeOther)
		s.must(s.app.sessions.DeleteExpired(s.Context()))
		s.stored(`SELECT count(*) FROM reset_sessions`, "0")
	})
}

func TestPasswordChangeRequiresTheOldPassword(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		here, elsewhere := s.browser(), s.browser()
		here.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		elsewhere.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		form := here.Get("/password-change").Is(http.StatusOK)
		form.Has(`input[name="old_password"][autocomplete="current-password"]`, 1)

		wrong := here.Post("/password-change", "old_password", "wrong", "new_password", "zqxjv", "confirm_password", "zqxjw").Is(http.StatusUnprocessableEntity)
		wrong.Has(`[role="alert"] a[href="#old_password"]`, 1).Has(`[role="alert"] a[href="#new_password"]`, 1).Has(`[role="alert"] a[href="#confirm_password"]`, 1)
		s.accepts("user@example.org", oldPassword, true)

		here.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).
			Is(http.StatusSeeOther).To("/password-change/done")
		here.Get("/password-change/done").Is(http.StatusOK)
		here.Get("/password-change").Is(http.StatusOK)
		elsewhere.Get("/password-change").Is(http.StatusSeeOther)
		s.browser().Get(link).Is(http.StatusGone)
		mails := s.mails()
		if len(mails) != 2 || mails[1].To[0] != "user@example.org" || !strings.Contains(mails[1].Text(s), "127.0.0.1") {
			s.Errorf("got %d emails, want a notice that names the IP address", len(mails))
		}
		if s.signsIn("user@example.org", oldPassword) || !s.signsIn("user@example.org", newPassword) {
			s.Error("the old password signs in, or the new one does not")
		}
	})
}

func TestEntryPathsRedirect(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.browser()
		b.Get("/").Is(http.StatusSeeOther).To("/login")
		b.Get("/login").Is(http.StatusOK).Has(`a[href="/password-reset"]`, 1)
		b.Get("/.well-known/change-password").Is(http.StatusSeeOther).To("/password-change")
		b.Get("/nowhere").Is(http.StatusNotFound).Has("h1", 1)
		b.Get("/dev/mailbox").Is(http.StatusNotFound)
		b.Get("/healthz").Is(http.StatusOK)
		s.ready(true)
	})
}

func TestPagesHavePrivateHeaders(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, path := range []string{"/login", "/password-reset", "/password-reset/done", "/password-reset/confirm", "/password-reset/complete", "/nowhere"} {
			h := s.browser().Get(path).Header
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
// The form was shown for the account of an earlier sign-in in the same browser.
func TestChangeFormChangesOnlyItsOwnAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("work@example.org")
		s.user("home@example.org")
		b := s.browser()
		b.login("work@example.org", oldPassword).Is(http.StatusSeeOther)
		b.Get("/password-change").Is(http.StatusOK).Says("For the account work@example.org")
		b.Post("/logout").Is(http.StatusSeeOther)
		b.login("home@example.org", oldPassword).Is(http.StatusSeeOther)
		b.Post("/password-change", "username", "work@example.org", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).
			Is(http.StatusUnprocessableEntity).Says("nothing was changed", "You are signed in to home@example.org")
		for _, email := range []string{"work@example.org", "home@example.org"} {
			s.accepts(email, oldPassword, true)
		}
	})
}

func TestCurrentPasswordIsNotANewOne(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		b.Post("/password-change", "old_password", oldPassword, "new_password", oldPassword, "confirm_password", oldPassword).
			Is(http.StatusUnprocessableEntity).Says("this is your current one")
		s.sent(0)
	})
}
