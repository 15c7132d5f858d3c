package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

func TestNotMeOfARequestEndsTheLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		notMe := s.notMeIn(s.mails()[0])
		for range 3 {
			s.browser().Get(notMe).Is(http.StatusOK).Has(`form[method="post"][action="`+notMe+`"] button`, 1)
			s.browser().Head(notMe).Is(http.StatusOK)
		}
		s.browser().OpenLink(link) // opening the page changed nothing
		s.browser().Deny(notMe).Is(http.StatusOK)
		s.browser().Get(link).Is(http.StatusGone)
		s.browser().Deny(notMe).Is(http.StatusOK)
		if r := s.resets()[0]; r.RevokedBy != reset.RevokedNotMe {
			s.Errorf("revoked by %q, want not_me", r.RevokedBy)
		}
		s.stored(`SELECT count(*) FROM reset_events WHERE kind = 'not_me' AND ip IS NOT NULL`, "2")
		if !s.signsIn("user@example.org", oldPassword) || len(s.mails()) != 1 {
			s.Error("something else has changed")
		}
	})
}

// changedByAStranger returns the notice of a reset that a stranger finished.
func (s *site) changedByAStranger() (stranger *browser, notice smtpsink.Message) {
	s.Helper()
	s.user("user@example.org")
	stranger = s.browser()
	stranger.Choose(stranger.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
	stranger.login("user@example.org", newPassword).Is(http.StatusSeeOther)
	return stranger, s.mails()[1]
}

// A link that has expired stays expired: "this wasn't me" did not end it.
func TestNotMeOfAnExpiredRequestDoesNotRevokeIt(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		s.clock.Add(2 * time.Hour)
		s.browser().Deny(s.notMeIn(s.mails()[0])).Is(http.StatusOK).Says("has ended")
		s.stored(`SELECT count(*) FROM password_resets WHERE revoked_at IS NOT NULL`, "0")
		s.browser().Get(link).Is(http.StatusGone).Says("short time only")
	})
}

func TestNotMeOfAChangeSignsTheStrangerOut(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		s.clock.Add(6 * 24 * time.Hour)
		notMe := s.notMeIn(notice)
		s.browser().Get(notMe).Is(http.StatusOK)
		stranger.Get("/password-change").Is(http.StatusOK)
		s.browser().Deny(notMe).Is(http.StatusOK)
		stranger.Get("/password-change").Is(http.StatusSeeOther)
		mails := s.mails()
		if len(mails) != 3 || mails[2].To[0] != "user@example.org" {
			s.Fatalf("got %d emails, want a fresh link", len(mails))
		}
		owner := s.browser()
		owner.Choose(owner.OpenLink(s.linkIn(mails[2])), "a heron on the roof", "a heron on the roof").Is(http.StatusSeeOther)
		s.accepts("user@example.org", "a heron on the roof", true)
	})
}

// The link was used before, so the page must say so and offer a new link.
func TestNotMeOfAUsedLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.Choose(b.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		s.browser().Deny(s.notMeIn(s.mails()[0])).Is(http.StatusGone).Has(`form[action="/password-reset"]`, 1).
			Says("The link was used before you told us", "in the email about the changed password").Lacks("This link has already been used")
		s.stored(`SELECT count(*) FROM reset_events WHERE kind = 'not_me'`, "1")
	})
}

// Another link was used: "it was never used" alone would hide that the password was set.
func TestNotMeOfALinkThatAnotherOneEnded(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.ask("user@example.org")
		notMe := s.notMeIn(s.last())
		b := s.browser()
		b.Choose(b.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		s.browser().Deny(notMe).Is(http.StatusGone).Says("The password was set with another link", "If it wasn't").Lacks("never used").Has(`form[action="/password-reset"]`, 1)
		s.stored(`SELECT count(*) FROM reset_events WHERE kind = 'not_me'`, "1")
	})
}

func TestNotMeRevokesTheStrangersLinks(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		another := s.ask("user@example.org")
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		s.browser().Get(another).Is(http.StatusGone)
		s.stored(`SELECT revoked_by FROM password_resets WHERE used_at IS NULL`, reset.RevokedNotMe)
	})
}

func TestNotMeSendsNothingToAChangedAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		s.db.SQL(s.T, `UPDATE users SET email = 'stranger@example.org'`)
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		stranger.Get("/password-change").Is(http.StatusSeeOther)
		if mails := s.mails(); len(mails) != 2 {
			s.Errorf("got %d emails, want none to the stranger's address", len(mails))
		}
	})
}

func TestNotMeOfAChangeWithoutALink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		stranger := s.browser()
		stranger.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		stranger.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusSeeOther)
		s.browser().Deny(s.notMeIn(s.mails()[0])).Is(http.StatusOK)
		stranger.Get("/password-change").Is(http.StatusSeeOther)
		s.browser().OpenLink(s.linkIn(s.mails()[1]))
	})
}

// A mail server may take the notice days later, so it states a time and not a duration.
func TestNoticeStatesWhenNotMeEnds(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		until := s.clock.Now().Add(reset.NotMeLifetime)
		if text := notice.Text(s.T); !strings.Contains(strings.Join(strings.Fields(text), " "), until.UTC().Format("until 15:04 UTC on 2 January 2006 at the latest")) {
			s.Errorf("the notice:\n%s", text)
		}
		s.clock.Add(until.Sub(s.clock.Now()) - time.Minute)
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
	})
}

func TestNotMeHasASeparateTokenForSevenDays(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		notMe := s.notMeIn(s.mails()[0])
		token := func(path string) string { return path[strings.LastIndex(path, "/")+1:] }
		s.browser().Get("/password-reset/confirm/" + token(notMe)).Is(http.StatusNotFound)
		s.browser().Get("/password-reset/not-me/" + token(link)).Is(http.StatusNotFound)
		s.browser().Deny("/password-reset/not-me/" + token(link)).Is(http.StatusNotFound)
		s.browser().With("Sec-Fetch-Site", "cross-site").Deny(notMe).Is(http.StatusForbidden)
		s.browser().OpenLink(link)
		s.clock.Add(7*24*time.Hour - time.Second)
		s.browser().Get(notMe).Is(http.StatusOK)
		s.clock.Add(time.Second)
		s.browser().Get(notMe).Is(http.StatusGone).Says("works for seven days").Has(`form[action="`+notMe+`"]`, 0)
		s.browser().Deny(notMe).Is(http.StatusGone).Says("works for seven days").Lacks("a short time only")
	})
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.clock.Add(7 * 24 * time.Hour)
		s.browser().Get(s.notMeIn(notice)).Is(http.StatusGone).Says("works for seven days")
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusGone)
		s.sent(2)
	})
}

func TestNotMeIsLimited(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org", func(u *users.User) { u.Name = "" })
		s.ask("user@example.org")
		notMe := s.notMeIn(s.mails()[0])
		for range 2 {
			s.browser().Deny(notMe).Is(http.StatusOK)
		}
		s.browser().Deny(notMe).Is(http.StatusTooManyRequests)
	}, limits("0", "0", "2/1h", "0"))
}

// A stranger's requests reach the limit of the address. The owner, who ends their links as
// the emails offer, gets a new one at once. A second denial of one link changes nothing.
func TestDeniedRequestsDoNotCount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		requests := func(n, want int) {
			for range n {
				s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
			}
			s.sent(want)
		}
		requests(5, 2)
		first := s.notMeIn(s.mails()[0])
		s.browser().Deny(first).Is(http.StatusOK)
		requests(3, 4)
		s.clock.Add(time.Second)
		s.browser().Deny(first).Is(http.StatusOK)
		requests(2, 4)
	}, limits("2/1h", "0", "0", "0"))
}

// Whoever uses up the tries of a link does not keep its owner from ending it.
func TestTriesOfALinkDoNotCountForItsDenial(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		b := s.browser()
		form := b.OpenLink(link)
		for range 2 {
			b.Choose(form, "short", "short").Is(http.StatusUnprocessableEntity)
		}
		b.Choose(form, "short", "short").Is(http.StatusTooManyRequests)
		s.browser().Deny(s.notMeIn(s.mails()[0])).Is(http.StatusOK)
	}, limits("0", "0", "2/1h", "0"))
}
