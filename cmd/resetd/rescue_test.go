package main

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

const ownPassword = "a heron on the roof"

// says checks that the page's text contains all of the words.
func (p page) says(all ...string) page {
	p.Helper()
	text := strings.Join(strings.Fields(p.doc.Find("main").Text()), " ")
	for _, words := range all {
		if !strings.Contains(text, words) {
			p.Fatalf("the page does not contain %q:\n%s", words, text)
		}
	}
	return p
}

// lacks checks that the page's text contains none of the words.
func (p page) lacks(all ...string) page {
	p.Helper()
	for _, words := range all {
		if strings.Contains(p.doc.Find("main").Text(), words) {
			p.Fatalf("the page contains %q:\n%s", words, p.doc.Find("main").Text())
		}
	}
	return p
}

// last returns the newest mail.
func (s *site) last() smtpsink.Message {
	s.Helper()
	mails := s.mails()
	return mails[len(mails)-1]
}

// The stranger's password and session are useless at once, and the owner's link works.
func TestRescueEndsTheStrangersPassword(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK).
			says("no longer works", "was signed out", "have ended", "Secure your mailbox first", "the link that we send")
		stranger.get("/password-change").is(http.StatusSeeOther)
		stranger.post("/password-change", "old_password", newPassword, "new_password", ownPassword, "confirm_password", ownPassword).is(http.StatusUnauthorized)
		if s.signsIn("user@example.org", newPassword) || s.signsIn("user@example.org", oldPassword) {
			s.Error("an old password signs in")
		}
		m := s.last()
		text := textOf(s.T, m)
		for _, words := range []string{"You said that it was not you.", "no longer works", "Secure your mailbox first"} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), words) {
				s.Errorf("the rescue does not contain %q:\n%s", words, text)
			}
		}
		if notMePattern.MatchString(text) || notMePattern.MatchString(htmlOf(s.T, m)) {
			s.Errorf("the rescue has a second “this wasn't me”:\n%s", text)
		}
		owner := s.browser()
		owner.choose(owner.open(s.linkIn(m)), ownPassword, ownPassword).is(http.StatusSeeOther).to("/password-reset/complete")
		if !s.signsIn("user@example.org", ownPassword) {
			s.Error("the owner can't sign in")
		}
	})
}

func TestRescueIsARowOfItsOwnKind(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK)
		s.settled()
		const row = `SELECT r.requested_by || ' ' || r.mail || ' ' || d.kind FROM password_resets r JOIN reset_deliveries d ON d.reset_id = r.id WHERE r.requested_by <> 'user'`
		if got := s.db.Text(s.T, row); got != "rescue accepted rescue" {
			s.Errorf("got %q, want a row of the rescue whose email was accepted", got)
		}
	})
}

// Each way to press the button twice shows the same page, and does nothing twice.
func TestRescueTwiceShowsTheSamePage(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		notMe := s.notMeIn(notice)
		bodies := make([]string, 10)
		var clicks sync.WaitGroup
		for i := range bodies {
			clicks.Go(func() { bodies[i] = s.browser().deny(notMe).is(http.StatusOK).body })
		}
		clicks.Wait()
		link := s.linkIn(s.last())
		s.clock.Add(time.Minute)
		later := s.browser().deny(notMe).is(http.StatusOK).body
		for _, body := range slices.Concat(bodies, []string{later}) {
			if body != bodies[0] {
				s.Fatalf("the pages differ:\n%s\n%s", bodies[0], body)
			}
		}
		if n := len(s.mails()); n != 3 {
			s.Errorf("%d mails, want three: one link for all clicks", n)
		}
		s.browser().open(link) // the second click did not end it
	})
}

func TestRescueIsOverWhenItsLinkWasUsed(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		stranger.post("/password-change", "old_password", newPassword, "new_password", "a third password here", "confirm_password", "a third password here").is(http.StatusSeeOther)
		another := s.last()
		s.clock.Add(time.Minute)
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK)
		owner := s.browser()
		owner.choose(owner.open(s.linkIn(s.last())), ownPassword, ownPassword).is(http.StatusSeeOther)
		for _, old := range []smtpsink.Message{notice, another} {
			s.browser().deny(s.notMeIn(old)).is(http.StatusGone).says("dealt with already").has(`form[action="/password-reset"]`, 1)
		}
		if !s.signsIn("user@example.org", ownPassword) {
			s.Error("an old notice ended the owner's password")
		}
		s.browser().deny(s.notMeIn(s.last())).is(http.StatusOK) // the stranger reads the mailbox and used the rescue
		if s.signsIn("user@example.org", ownPassword) {
			s.Error("the notice of the rescue ended nothing")
		}
	})
}

// Each notice works once, also after another one.
func TestRescueWorksForEachNotice(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		stranger.post("/password-change", "old_password", newPassword, "new_password", ownPassword, "confirm_password", ownPassword).is(http.StatusSeeOther)
		another := s.last()
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK)
		first := s.linkIn(s.last())
		s.browser().deny(s.notMeIn(another)).is(http.StatusOK)
		s.browser().get(first).is(http.StatusGone)
		s.browser().open(s.linkIn(s.last()))
	})
}

// The page claims no link if there is none, also when it is shown again.
func TestRescueWithoutALink(t *testing.T) {
	for name, change := range map[string]string{
		"address": `UPDATE users SET email = 'stranger@example.org'`,
		"closed":  `UPDATE users SET active = false`,
		"deleted": `DELETE FROM users`,
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				stranger, notice := s.changedByAStranger()
				s.db.SQL(s.T, change)
				for range 2 {
					s.browser().deny(s.notMeIn(notice)).is(http.StatusOK).
						says("no longer works", "Then contact support").lacks("the link that we send")
				}
				stranger.get("/password-change").is(http.StatusSeeOther)
				if s.signsIn("stranger@example.org", newPassword) || s.signsIn("user@example.org", newPassword) {
					s.Error("the stranger's password signs in")
				}
				if n := len(s.mails()); n != 2 {
					s.Errorf("%d mails, want no link", n)
				}
			})
		})
	}
}

// Staff see the chain from the change to the rescue, in both directions and on the
// account's page.
func TestStaffSeeTheRescue(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK)
		s.settled()
		var changed, rescue reset.Reset
		for _, r := range s.resets() {
			if r.RequestedBy == reset.RequestedByRescue {
				rescue = r
			} else {
				changed = r
			}
		}
		member := s.member("vera", staff.Viewer)
		at := func(r reset.Reset) string { return "/support/resets/" + r.ID.String() }
		member.get(at(changed)).is(http.StatusOK).has(`.timeline .not_me a[href="`+at(rescue)+`"]`, 1)
		member.get(at(rescue)).is(http.StatusOK).has(`.timeline .rescue a[href="`+at(changed)+`"]`, 1).says("after “this wasn't me”")
		member.get("/support/accounts/"+rescue.UserID).is(http.StatusOK).
			has(`.timeline .not_me a[href="`+at(rescue)+`"]`, 1).has(`.timeline .not_me a[href="`+at(changed)+`"]`, 1)
	})
}

// A change without a link has no reset: the account's page shows what followed it.
func TestStaffSeeTheRescueOfAChangeWithoutALink(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		stranger := s.browser()
		stranger.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		stranger.post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).is(http.StatusSeeOther)
		s.browser().deny(s.notMeIn(s.last())).is(http.StatusOK)
		s.settled()
		rescue := "/support/resets/" + s.resets()[0].ID.String()
		member := s.member("vera", staff.Viewer)
		member.get("/support/accounts/"+a.ID).is(http.StatusOK).has(`.timeline .not_me a[href="`+rescue+`"]`, 1)
		member.get(rescue).is(http.StatusOK).has(`.timeline .rescue`, 1)
	})
}

// A second "this wasn't me" in the same email must not say that the password no longer
// works, if there is another one now.
func TestRescueTwiceAfterAnotherPassword(t *testing.T) {
	for name, set := range map[string]func(*site){
		"another link": func(s *site) {
			b := s.browser()
			b.choose(b.open(s.ask("user@example.org")), ownPassword, ownPassword).is(http.StatusSeeOther)
		},
		"the operator": func(s *site) {
			found, err := s.app.store.FindAccounts(s.Context(), testkit.Address(s.T, "user@example.org"))
			s.must(err)
			s.must(s.app.resets.Assign(s.Context(), found[0], ownPassword, ownPassword))
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachSite(t, func(s *site) {
				_, notice := s.changedByAStranger()
				notMe := s.notMeIn(notice)
				s.browser().deny(notMe).is(http.StatusOK).says("no longer works", "with the link that we send")
				s.mails()
				s.clock.Add(time.Minute)
				set(s)
				s.browser().deny(notMe).is(http.StatusGone).says("dealt with already", "then a new password was set").lacks("no longer works")
				if !s.signsIn("user@example.org", ownPassword) {
					s.Error("the new password does not sign in")
				}
			})
		})
	}
}

// The "this wasn't me" of a newer notice replaces the link of an older one. Nobody has set
// a password, and the newest link is the one to use.
func TestRescueTwiceAfterThatOfAnotherNotice(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, first := s.changedByAStranger()
		stranger.post("/password-change", "old_password", newPassword, "new_password", "a third password here", "confirm_password", "a third password here").is(http.StatusSeeOther)
		second := s.last()
		for _, notice := range []smtpsink.Message{first, second, first} {
			s.clock.Add(time.Second)
			s.browser().deny(s.notMeIn(notice)).is(http.StatusOK).says("no longer works", "with the link that we send")
		}
		s.browser().open(s.linkIn(s.last()))
	})
}

// A link whose email was refused for good is not promised.
func TestRescueTwiceAfterItsEmailFailed(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK)
		s.settled()
		s.db.SQL(s.T, `UPDATE password_resets SET mail = 'failed' WHERE requested_by = 'rescue'`)
		s.browser().deny(s.notMeIn(notice)).is(http.StatusOK).says("could not be delivered").lacks("with the link that we send")
	})
}

// A link that has ended is not promised.
func TestRescueTwiceAfterItsLinkEnded(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		notMe := s.notMeIn(notice)
		s.browser().deny(notMe).is(http.StatusOK)
		s.clock.Add(2 * time.Hour)
		s.browser().deny(notMe).is(http.StatusOK).says("no longer works", "has ended, or its email could not be delivered, so get another one").lacks("with the link that we send", "contact support")
	})
}
