package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/staff"
)

// What each way to follow a wrong link is told. Only a link that is too short is
// called incomplete, and a link whose row is gone is not.
func TestWrongLinksAreToldWhatIsWrong(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		notMe := s.notMeIn(s.last())
		for _, l := range []string{link, notMe} {
			s.browser().get(l[:len(l)-1]).is(http.StatusNotFound).says("not complete")
			for _, changed := range []string{l + "x", l[:len(l)-2] + "aa", l[:len(l)-1] + "1"} {
				s.browser().get(changed).is(http.StatusNotFound).says("not valid").lacks("not complete")
			}
		}
		for _, stray := range []string{"/password-reset/", "/password-reset/other", "/password-reset/confirm/a/b"} {
			s.browser().get(stray).is(http.StatusNotFound).says("not valid").has(`form[action="/password-reset"]`, 1)
		}
		s.browser().get("/password-reset/confirm").is(http.StatusNotFound).says("does not keep cookies")
		s.browser().with("Cookie", "resetd_link=abc").get("/password-reset/confirm").is(http.StatusNotFound).says("not valid")
		s.clock.Add(8 * 24 * time.Hour)
		_, err := s.app.store.Purge(s.Context(), s.clock.Now(), s.clock.Now())
		s.must(err)
		s.browser().get(link).is(http.StatusNotFound).says("no record of this link").lacks("not complete", "not valid")
		s.browser().deny(notMe).is(http.StatusNotFound).says("no record of this link")
	})
}

// A form value that no form of ours has is not explained by another link that was opened.
func TestFormWithAForgedResetChangesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.open(s.ask("user@example.org"))
		for _, forged := range []string{"", "x", "{00000000-0000-0000-0000-000000000000}"} {
			b.post("/password-reset/confirm", "reset", forged, "new_password", newPassword, "confirm_password", newPassword).is(http.StatusConflict).
				says("does not belong to the link", "Perhaps another link was opened")
		}
		if s.signsIn("user@example.org", newPassword) {
			s.Error("a forged form changed the password")
		}
	})
}

// The first of two attempts may have changed something: the page for the second speaks
// of itself alone.
func TestRefusedAttemptClaimsOnlyItself(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		form := b.open(s.ask("user@example.org"))
		again := b.twin()
		b.choose(form, "short", "short").is(http.StatusUnprocessableEntity)
		again.choose(form, newPassword, newPassword).is(http.StatusTooManyRequests).says("This attempt changed nothing").lacks("Nothing was changed")
	}, limits("0", "0", "1/1h", "0"))
}

// Of many attempts at once one wins. The others read so, although they reach the limit.
func TestUsedLinkThatIsTriedTooOftenIsCalledUsed(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		form := b.open(s.ask("user@example.org"))
		again := b.twin()
		b.choose(form, newPassword, newPassword).is(http.StatusSeeOther)
		again.choose(form, ownPassword, ownPassword).is(http.StatusGone).says("already been used")
	}, limits("0", "0", "1/1h", "0"))
}

func TestChangeIsCalledDoneOnlyAfterIt(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		b.get("/password-change/done").is(http.StatusSeeOther).to("/password-change")
		b.change(oldPassword, newPassword).is(http.StatusSeeOther)
		for range 2 { // a reload too
			b.get("/password-change/done").is(http.StatusOK).says("were signed out")
		}
	})
}

// The page after a request covers every reason why no email comes.
func TestDonePageNamesEveryReasonForNoEmail(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for range 2 {
			s.browser().post("/password-reset", "email", "user@example.org").is(http.StatusSeeOther)
		}
		mails := s.mails()
		if len(mails) != 1 {
			s.Fatalf("%d mails, want one: the second request is throttled", len(mails))
		}
		s.browser().get("/password-reset/done").is(http.StatusOK).
			says("can get a link now", "no email is sent", "we send no more links to it for a while", "Asking again ends none of the links that were sent before")
		s.browser().open(s.linkIn(mails[0]))
	}, limits("1/1h", "0", "0", "0"))
}

// An account that can't sign in with the right password is not told that the password
// is wrong.
func TestRefusedSignInDoesNotCallThePasswordWrong(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.db.SQL(s.T, `UPDATE users SET active = false`)
		p := s.browser().login("user@example.org", oldPassword).is(http.StatusUnprocessableEntity)
		if text := p.doc.Find("main").Text(); strings.Contains(text, "wrong") {
			s.Errorf("the page:\n%s", text)
		}
	})
}

// What staff read about a withheld reset was true then, and still is.
func TestVerdictOfAWithheldResetStaysTrue(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().post("/password-reset", "email", "user@example.org").is(http.StatusSeeOther)
		s.settled()
		s.user("user@example.org")
		s.newestPage(s.member("vera", staff.Viewer)).says("No account had this address").lacks("No account has this address")
	})
}
