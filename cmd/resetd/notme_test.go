package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

var notMePattern = regexp.MustCompile(`https?://\S+/password-reset/not-me/\S+`)

func (s *site) notMeIn(m smtpsink.Message) string {
	s.Helper()
	link := notMePattern.FindString(textOf(s.T, m))
	if link == "" || !strings.Contains(htmlOf(s.T, m), link) {
		s.Fatalf("the mail has no \"this wasn't me\" link:\n%s", textOf(s.T, m))
	}
	return strings.TrimPrefix(link, s.url)
}

// deny ticks the box of a "this wasn't me" page and presses its button.
func (b *browser) deny(notMe string) page {
	b.Helper()
	return b.post(notMe, "sure", "yes")
}

func TestNotMeOfARequestEndsTheLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		notMe := s.notMeIn(s.mails()[0])
		for range 3 {
			s.browser().get(notMe).is(http.StatusOK).has(`form[method="post"][action="`+notMe+`"] button`, 1)
			s.browser().head(notMe).is(http.StatusOK)
		}
		s.browser().open(link) // opening the page changed nothing
		s.browser().deny(notMe).is(http.StatusOK)
		s.browser().get(link).is(http.StatusGone)
		s.browser().deny(notMe).is(http.StatusOK)
		if r := s.resets()[0]; r.RevokedBy != reset.RevokedNotMe {
			s.Errorf("revoked by %q, want not_me", r.RevokedBy)
		}
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_events WHERE kind = 'not_me' AND ip IS NOT NULL`); n != "2" {
			s.Errorf("it is recorded %s times, want twice", n)
		}
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
	stranger.choose(stranger.open(s.ask("user@example.org")), newPassword, newPassword).is(http.StatusSeeOther)
	stranger.login("user@example.org", newPassword).is(http.StatusSeeOther)
	return stranger, s.mails()[1]
}

// A link that has expired stays expired: "this wasn't me" did not end it.
func TestNotMeOfAnExpiredRequestDoesNotRevokeIt(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		s.clock.Add(2 * time.Hour)
		s.browser().deny(s.notMeIn(s.mails()[0])).is(http.StatusOK).says("has ended")
		if n := s.db.Text(s.T, `SELECT count(*) FROM password_resets WHERE revoked_at IS NOT NULL`); n != "0" {
			s.Errorf("%s links were revoked after they had expired", n)
		}
		s.browser().get(link).is(http.StatusGone).says("short time only")
	})
}

func TestNotMeOfAChangeSignsTheStrangerOut(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		s.clock.Add(6 * 24 * time.Hour)
		notMe := s.notMeIn(notice)
		s.browser().get(notMe).is(http.StatusOK)
		stranger.get("/password-change").is(http.StatusOK)
		s.browser().deny(notMe).is(http.StatusOK)
		stranger.get("/password-change").is(http.StatusSeeOther)
		mails := s.mails()
		if len(mails) != 3 || mails[2].To[0] != "user@example.org" {
			s.Fatalf("got %d mails, want a fresh link", len(mails))
		}
		owner := s.browser()
		owner.choose(owner.open(s.linkIn(mails[2])), "a heron on the roof", "a heron on the roof").is(http.StatusSeeOther)
		if !s.signsIn("user@example.org", "a heron on the roof") {
			s.Error("the owner can't sign in with the new link")
		}
	})
}

// The link was used before, so the page must say so and offer a new link.
func TestNotMeOfAUsedLink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.choose(b.open(s.ask("user@example.org")), newPassword, newPassword).is(http.StatusSeeOther)
		s.browser().deny(s.notMeIn(s.mails()[0])).is(http.StatusGone).has(`form[action="/password-reset"]`, 1)
		if n := s.db.Text(s.T, `SELECT count(*) FROM reset_events WHERE kind = 'not_me'`); n != "1" {
			s.Errorf("it is recorded %s times, want once", n)
		}
	})
}

func TestNotMeRevokesTheStrangersLinks(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		another := s.ask("user@example.org")
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK)
		s.browser().get(another).is(http.StatusGone)
		if by := s.db.Text(s.T, `SELECT revoked_by FROM password_resets WHERE used_at IS NULL`); by != reset.RevokedNotMe {
			s.Errorf("revoked by %q, want not_me", by)
		}
	})
}

func TestNotMeSendsNothingToAChangedAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		s.db.SQL(s.T, `UPDATE users SET email = 'stranger@example.org'`)
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK)
		stranger.get("/password-change").is(http.StatusSeeOther)
		if mails := s.mails(); len(mails) != 2 {
			s.Errorf("got %d mails, want none to the stranger's address", len(mails))
		}
	})
}

func TestNotMeOfAChangeWithoutALink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		stranger := s.browser()
		stranger.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		stranger.post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).is(http.StatusSeeOther)
		s.browser().deny(s.notMeIn(s.mails()[0])).is(http.StatusOK)
		stranger.get("/password-change").is(http.StatusSeeOther)
		s.browser().open(s.linkIn(s.mails()[1]))
	})
}

func TestNotMeHasASeparateTokenForSevenDays(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		notMe := s.notMeIn(s.mails()[0])
		token := func(path string) string { return path[strings.LastIndex(path, "/")+1:] }
		s.browser().get("/password-reset/confirm/" + token(notMe)).is(http.StatusNotFound)
		s.browser().get("/password-reset/not-me/" + token(link)).is(http.StatusNotFound)
		s.browser().deny("/password-reset/not-me/" + token(link)).is(http.StatusNotFound)
		s.browser().with("Sec-Fetch-Site", "cross-site").deny(notMe).is(http.StatusForbidden)
		s.browser().open(link)
		s.clock.Add(7 * 24 * time.Hour)
		s.browser().deny(notMe).is(http.StatusGone)
	})
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.clock.Add(7 * 24 * time.Hour)
		s.browser().deny(s.notMeIn(notice)).is(http.StatusGone)
		if len(s.mails()) != 2 {
			s.Error("a notice that is too old sent a link")
		}
	})
}

func TestNotMeIsLimited(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org", func(u *users.User) { u.Name = "" })
		s.ask("user@example.org")
		notMe := s.notMeIn(s.mails()[0])
		for range 2 {
			s.browser().deny(notMe).is(http.StatusOK)
		}
		s.browser().deny(notMe).is(http.StatusTooManyRequests)
	}, limits("0", "0", "2/1h", "0"))
}

// A stranger's requests reach the limit of the address. The owner, who ends their links as
// the emails offer, gets a new one at once. A second denial of one link changes nothing.
func TestDeniedRequestsDoNotCount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		requests := func(n, want int) {
			for range n {
				s.browser().post("/password-reset", "email", "user@example.org").is(http.StatusSeeOther)
			}
			if got := len(s.mails()); got != want {
				s.Errorf("%d emails, want %d", got, want)
			}
		}
		requests(5, 2)
		first := s.notMeIn(s.mails()[0])
		s.browser().deny(first).is(http.StatusOK)
		requests(3, 4)
		s.clock.Add(time.Second)
		s.browser().deny(first).is(http.StatusOK)
		requests(2, 4)
	}, limits("2/1h", "0", "0", "0"))
}

// Whoever uses up the tries of a link does not keep its owner from ending it.
func TestTriesOfALinkDoNotCountForItsDenial(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		b := s.browser()
		form := b.open(link)
		for range 2 {
			b.choose(form, "short", "short").is(http.StatusUnprocessableEntity)
		}
		b.choose(form, "short", "short").is(http.StatusTooManyRequests)
		s.browser().deny(s.notMeIn(s.mails()[0])).is(http.StatusOK)
	}, limits("0", "0", "2/1h", "0"))
}
