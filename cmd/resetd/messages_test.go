package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// What each way to follow a wrong link is told. Only a link that is too short is
// called incomplete, and a link whose row is gone is not.
func TestWrongLinksAreToldWhatIsWrong(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		notMe := s.notMeIn(s.last())
		for _, l := range []string{link, notMe} {
			s.browser().Get(l[:len(l)-1]).Is(http.StatusNotFound).Says("not complete")
			other := map[bool]string{false: "aa", true: "ba"}[strings.HasSuffix(l, "aa")] // one token in 64 ends so
			for _, changed := range []string{l + "x", l[:len(l)-2] + other, l[:len(l)-1] + "1"} {
				s.browser().Get(changed).Is(http.StatusNotFound).Says("not valid").Lacks("not complete")
			}
		}
		for _, stray := range []string{"/password-reset/", "/Password-Reset", "/password-reset/other", "/password-reset/confirm/a/b"} { // perhaps typed
			s.browser().Get(stray).Is(http.StatusNotFound).Says("This address is not valid", "No page has this address").Lacks("did not pass our check").Has(`form[action="/password-reset"]`, 1)
		}
		s.browser().Get("/password-reset/confirm").Is(http.StatusNotFound).Says("does not keep cookies")
		s.browser().With("Cookie", "resetd_link=abc").Get("/password-reset/confirm").Is(http.StatusNotFound).Says("not valid")
		s.clock.Add(8 * 24 * time.Hour)
		_, err := s.app.store.Purge(s.Context(), s.clock.Now(), s.clock.Now())
		s.must(err)
		s.browser().Get(link).Is(http.StatusNotFound).Says("no record of this link").Lacks("not complete", "not valid")
		s.browser().Deny(notMe).Is(http.StatusNotFound).Says("no record of this link")
	})
}

// A form value that no form of ours has is not explained by another link that was opened.
func TestFormWithAForgedResetChangesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		b, _ := s.opened("user@example.org")
		for _, forged := range []string{"", "x", "{00000000-0000-0000-0000-000000000000}"} {
			b.Post("/password-reset/confirm", "reset", forged, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusConflict).
				Says("does not belong to the link", "Perhaps another link was opened")
		}
		s.accepts("user@example.org", newPassword, false)
	})
}

// The first of two attempts may have changed something: the page for the second speaks
// of itself alone.
func TestRefusedAttemptIsExplainedByItself(t *testing.T) {
	eachSite(t, func(s *site) {
		b, form := s.opened("user@example.org")
		again := b.twin()
		b.Choose(form, "short", "short").Is(http.StatusUnprocessableEntity)
		again.Choose(form, newPassword, newPassword).Is(http.StatusTooManyRequests).Says("This attempt changed nothing").Lacks("Nothing was changed")
	}, limits("0", "0", "1/1h", "0"))
}

// Of many attempts at once one wins. The others read so, although they reach the limit.
func TestUsedLinkThatIsTriedTooOftenIsCalledUsed(t *testing.T) {
	eachSite(t, func(s *site) {
		b, form := s.opened("user@example.org")
		again := b.twin()
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
		again.Choose(form, ownPassword, ownPassword).Is(http.StatusGone).Says("already been used")
	}, limits("0", "0", "1/1h", "0"))
}

func TestChangeIsCalledDoneOnlyAfterIt(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.signedIn("user@example.org")
		b.Get("/password-change/done").Is(http.StatusSeeOther).To("/password-change")
		b.change(oldPassword, newPassword).Is(http.StatusSeeOther)
		for range 2 { // a reload too
			b.Get("/password-change/done").Is(http.StatusOK).Says("were signed out")
		}
		s.clock.Add(web.ReportTime) // from the history, or somebody else at this computer
		b.Get("/password-change/done").Is(http.StatusSeeOther).To("/password-change")
	})
}

// The page after a request covers every reason why no email comes.
func TestDonePageNamesEveryReasonForNoEmail(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for range 2 {
			s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		}
		mails := s.mails()
		if len(mails) != 1 {
			s.Fatalf("%d emails, want one: the second request is throttled", len(mails))
		}
		s.browser().Get("/password-reset/done").Is(http.StatusOK).
			Says("can get a link now", "no email is sent", "further requests for this address send no email for a while", "Asking again ends none of the links that were sent before")
		s.browser().OpenLink(s.linkIn(mails[0]))
	}, limits("1/1h", "0", "0", "0"))
}

// Whoever opens the page after a form by hand has sent no form.
func TestPagesAfterAFormAreTrueWithoutIt(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.browser()
		b.finish(s.signUpAsked("new@example.org"), newPassword).Is(http.StatusSeeOther)
		b.Get("/signup/complete").Is(http.StatusOK).Says("Your account was created")
		s.clock.Add(web.ReportTime)
		b.Get("/signup/complete").Is(http.StatusNotFound).Says("Did you just create an account?")
		b.Get("/password-change/done").Is(http.StatusSeeOther).To("/login?next=/password-change")
		b.Get("/password-reset/complete").Is(http.StatusOK).Says("Did you just choose a new password?")
		b.Get("/signup/done").Is(http.StatusOK).Says("If you have just entered an address")
	}, signUpOn)
}

// A page must not promise a minute in which the link is dead, or a limit that there is not.
// If the lifetime is changed, a page that is loaded again speaks of a link requested then.
func TestDonePagesPromiseWhatIsSet(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.browser()
		b.Get("/password-reset/done").Is(http.StatusOK).Says("A link that you request now works once, for 1 minute.").Lacks("for a while")
		b.Get("/signup/done").Is(http.StatusOK).Lacks("for a while")
	}, signUpOn, limits("0", "0", "0", "0"), func(v *config.Settings, _ *config.Secrets) { v.LinkLifetime = "119s" })
}

// Old rows are removed, so an empty search does not know that nobody asked.
func TestSearchAfterAPurgeSpeaksOfTheRecord(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().Post("/password-reset", "email", "other@example.org").Is(http.StatusSeeOther)
		s.settled()
		s.clock.Add(24 * time.Hour)
		_, err := s.app.store.Purge(s.Context(), s.clock.Now(), s.clock.Now())
		s.must(err)
		vera := s.member("vera", staff.Viewer)
		for _, search := range []string{"other@example.org", "127.0.0.1"} {
			vera.Get("/support?q="+search).Is(http.StatusOK).Says("on record").Lacks("Nobody has asked", "was requested for exactly")
		}
	})
}

// An account that can't sign in with the right password is not told that the password
// is wrong.
func TestRefusedSignInDoesNotCallThePasswordWrong(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.db.SQL(s.T, `UPDATE users SET active = false`)
		p := s.browser().login("user@example.org", oldPassword).Is(http.StatusUnprocessableEntity)
		if text := p.Find("main").Text(); strings.Contains(text, "wrong") {
			s.Errorf("the page:\n%s", text)
		}
	})
}

// What staff read about a withheld reset was true then, and still is.
func TestVerdictOfAWithheldResetStaysTrue(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		s.settled()
		s.user("user@example.org")
		s.newestPage(s.member("vera", staff.Viewer)).Says("No account had this address").Lacks("No account has this address")
	})
}
