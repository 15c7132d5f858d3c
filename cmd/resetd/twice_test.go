package main

import (
	"net/http"
	"sync"
	"testing"
	"time"
)

// twin returns a browser with the same cookies, which keeps its own from then on. A
// browser sends a second form with the cookies of the first.
func (b *browser) twin() *browser {
	b.Helper()
	twin := b.browser()
	twin.SetCookies(b.Cookies()...)
	return twin
}

func (b *browser) change(old, plain string) page {
	b.Helper()
	username := b.Get("/password-change").Field("username")
	return b.sendChange(username, old, plain)
}

func (b *browser) sendChange(username, old, plain string) page {
	b.Helper()
	return b.Post("/password-change", "username", username, "old_password", old, "new_password", plain, "confirm_password", plain)
}

// A double click when requesting: both emails arrive, and both links work.
func TestRequestTwiceSendsTwoLinksThatWork(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		for range 2 {
			b.Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther).To("/password-reset/done")
		}
		for _, m := range s.mails() {
			s.browser().OpenLink(s.linkIn(m))
		}
	})
}

// The answer to the first form removed the link's cookie before the second was sent.
func TestFormOfAUsedLinkTwiceWithoutItsCookie(t *testing.T) {
	eachSite(t, func(s *site) {
		b, form := s.opened("user@example.org")
		for range 2 {
			b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
		}
		b.Choose(form, ownPassword, ownPassword).Is(http.StatusGone).Says("already been used", "sign in with your new password").Has(`main a[href="/login"]`, 1)
		s.from("203.0.113.5").Choose(form, newPassword, newPassword).Is(http.StatusNotFound)
		s.clock.Add(2 * time.Minute)
		b.Choose(form, newPassword, newPassword).Is(http.StatusNotFound)
		s.accepts("user@example.org", newPassword, true)
	}, behindProxy)
}

// The number of a reset without its link sets no password.
func TestFormWithoutItsCookieChangesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		_, form := s.opened("user@example.org")
		s.browser().Choose(form, newPassword, newPassword).Is(http.StatusNotFound).Says("does not keep cookies")
		s.accepts("user@example.org", newPassword, false)
	})
}

// A double click when changing: the first form ends the session of the second.
func TestChangeTwiceShowsTheSuccessPage(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		username := b.Get("/password-change").Field("username")
		late := b.twin()
		var clicks sync.WaitGroup
		for range 4 {
			tab := b.twin()
			clicks.Go(func() {
				tab.sendChange(username, oldPassword, newPassword).Is(http.StatusSeeOther).To("/password-change/done")
				tab.Get("/password-change/done").Is(http.StatusOK)
			})
		}
		clicks.Wait()
		late.sendChange(username, oldPassword, newPassword).Is(http.StatusSeeOther).To("/password-change/done")
		late.sendChange(username, oldPassword, newPassword).Is(http.StatusSeeOther).To("/password-change/done") // with the new session
		late.sendChange(username, oldPassword, ownPassword).Is(http.StatusUnprocessableEntity).Says("not your current password")
		s.stored(`SELECT count(*) FROM reset_events WHERE kind = 'wrong_password'`, "1")
		s.sent(1)
		s.accepts("user@example.org", newPassword, true)
		s.clock.Add(2 * time.Minute)
		late.sendChange(username, oldPassword, newPassword).Is(http.StatusUnprocessableEntity)
	})
}

// Without the session, only the form that has just changed the password succeeds.
func TestChangeWithoutASessionNeedsTheSameForm(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.from("203.0.113.5")
		b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		s.browser().sendChange("user@example.org", "x", oldPassword).Is(http.StatusUnauthorized) // nothing was changed yet
		late := b.twin().With("X-Forwarded-For", "203.0.113.5")
		b.change(oldPassword, newPassword).Is(http.StatusSeeOther)
		late.sendChange("user@example.org", newPassword, ownPassword).Is(http.StatusUnauthorized).Lacks("changed nothing")
		s.from("203.0.113.6").sendChange("user@example.org", oldPassword, newPassword).Is(http.StatusUnauthorized)
		s.clock.Add(2 * time.Minute)
		late.sendChange("user@example.org", oldPassword, newPassword).Is(http.StatusUnauthorized)
		s.accepts("user@example.org", ownPassword, false)
	}, behindProxy)
}

// The guesses at a password through this form count as failed sign-ins.
func TestChangeWithoutASessionIsLimited(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for range 2 {
			s.from("203.0.113.6").sendChange("user@example.org", "x", "a guess").Is(http.StatusUnauthorized)
		}
		s.from("203.0.113.6").sendChange("user@example.org", "x", "a guess").Is(http.StatusTooManyRequests)
		s.from("203.0.113.6").login("user@example.org", oldPassword).Is(http.StatusTooManyRequests)
	}, limits("0", "0", "0", "2/1h"))
}
