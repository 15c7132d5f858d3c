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
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK).
			Says("no longer works", "was signed out", "have ended", "Secure your mailbox first", "the link that we send")
		stranger.Get("/password-change").Is(http.StatusSeeOther)
		stranger.Post("/password-change", "old_password", newPassword, "new_password", ownPassword, "confirm_password", ownPassword).Is(http.StatusUnauthorized)
		if s.signsIn("user@example.org", newPassword) || s.signsIn("user@example.org", oldPassword) {
			s.Error("an old password signs in")
		}
		m := s.last()
		text := m.Text(s)
		for _, words := range []string{"You said that it was not you.", "no longer works", "Secure your mailbox first"} {
			if !strings.Contains(strings.Join(strings.Fields(text), " "), words) {
				s.Errorf("the rescue does not contain %q:\n%s", words, text)
			}
		}
		if strings.Contains(text, "/not-me/") || strings.Contains(m.HTML(s), "/not-me/") {
			s.Errorf("the rescue has a second “this wasn't me”:\n%s", text)
		}
		owner := s.browser()
		owner.Choose(owner.OpenLink(s.linkIn(m)), ownPassword, ownPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
		s.accepts("user@example.org", ownPassword, true)
	})
}

func TestRescueIsARowOfItsOwnKind(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		s.settled()
		const row = `SELECT r.requested_by || ' ' || r.mail || ' ' || d.kind FROM password_resets r JOIN reset_deliveries d ON d.reset_id = r.id WHERE r.requested_by <> 'user'`
		s.stored(row, "rescue accepted rescue")
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
			clicks.Go(func() { bodies[i] = s.browser().Deny(notMe).Is(http.StatusOK).Body })
		}
		clicks.Wait()
		link := s.linkIn(s.last())
		s.clock.Add(time.Minute)
		later := s.browser().Deny(notMe).Is(http.StatusOK).Body
		for _, body := range slices.Concat(bodies, []string{later}) {
			if body != bodies[0] {
				s.Fatalf("the pages differ:\n%s\n%s", bodies[0], body)
			}
		}
		s.sent(3)
		s.browser().OpenLink(link) // the second click did not end it
	})
}

func TestRescueIsOverWhenItsLinkWasUsed(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		stranger.Post("/password-change", "old_password", newPassword, "new_password", "a third password here", "confirm_password", "a third password here").Is(http.StatusSeeOther)
		another := s.last()
		s.clock.Add(time.Minute)
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		owner := s.browser()
		owner.Choose(owner.OpenLink(s.linkIn(s.last())), ownPassword, ownPassword).Is(http.StatusSeeOther)
		for _, old := range []smtpsink.Message{notice, another} {
			s.browser().Deny(s.notMeIn(old)).Is(http.StatusGone).Says("dealt with already").Has(`form[action="/password-reset"]`, 1)
		}
		s.accepts("user@example.org", ownPassword, true)
		s.browser().Deny(s.notMeIn(s.last())).Is(http.StatusOK) // the stranger reads the mailbox and used the rescue
		s.accepts("user@example.org", ownPassword, false)
	})
}

// A notice that the mail server accepts only after a rescue is not sent: its "this wasn't me"
// would do nothing.
func TestLateNoticeOffersNoRescueThatIsOver(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "later", Times: 1})
		stranger.Post("/password-change", "old_password", newPassword, "new_password", "a third password here", "confirm_password", "a third password here").Is(http.StatusSeeOther)
		s.eventually("the notice is deferred", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply LIKE '451%' AND next_attempt_at IS NOT NULL`) == "1"
		})
		s.clock.Add(time.Second) // it is not due again yet
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		s.eventually("the rescue is sent", func() bool { return len(s.sink.Messages()) == 3 })
		owner := s.browser()
		owner.Choose(owner.OpenLink(s.linkIn(s.sink.Messages()[2])), ownPassword, ownPassword).Is(http.StatusSeeOther)
		s.clock.Add(time.Minute)
		s.sent(4)
		s.browser().Deny(s.notMeIn(s.last())).Is(http.StatusOK)
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusGone).Says("After the change that this email is about")
	})
}

// Each notice works once, also after another one.
func TestRescueWorksForEachNotice(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, notice := s.changedByAStranger()
		stranger.Post("/password-change", "old_password", newPassword, "new_password", ownPassword, "confirm_password", ownPassword).Is(http.StatusSeeOther)
		another := s.last()
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		first := s.linkIn(s.last())
		s.browser().Deny(s.notMeIn(another)).Is(http.StatusOK)
		s.browser().Get(first).Is(http.StatusGone)
		s.browser().OpenLink(s.linkIn(s.last()))
	})
}

// The page mentions no link if there is none, also when it is shown again.
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
					s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK).
						Says("no longer works", "Then contact support").Lacks("the link that we send")
				}
				stranger.Get("/password-change").Is(http.StatusSeeOther)
				if s.signsIn("stranger@example.org", newPassword) || s.signsIn("user@example.org", newPassword) {
					s.Error("the stranger's password signs in")
				}
				s.sent(2)
			})
		})
	}
}

// Staff see the chain from the change to the rescue, in both directions and on the
// account's page.
func TestStaffSeeTheRescue(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
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
		member.Get(at(changed)).Is(http.StatusOK).Has(`.timeline .not_me a[href="`+at(rescue)+`"]`, 1)
		member.Get(at(rescue)).Is(http.StatusOK).Has(`.timeline .rescue a[href="`+at(changed)+`"]`, 1).Says("after “this wasn't me”")
		member.Get("/support/accounts/"+rescue.UserID).Is(http.StatusOK).
			Has(`.timeline .not_me a[href="`+at(rescue)+`"]`, 1).Has(`.timeline .not_me a[href="`+at(changed)+`"]`, 1)
	})
}

// A change without a link has no reset: the account's page shows what followed it.
func TestStaffSeeTheRescueOfAChangeWithoutALink(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		stranger := s.browser()
		stranger.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		stranger.Post("/password-change", "old_password", oldPassword, "new_password", newPassword, "confirm_password", newPassword).Is(http.StatusSeeOther)
		s.browser().Deny(s.notMeIn(s.last())).Is(http.StatusOK)
		s.settled()
		rescue := "/support/resets/" + s.resets()[0].ID.String()
		member := s.member("vera", staff.Viewer)
		member.Get("/support/accounts/"+a.ID).Is(http.StatusOK).Has(`.timeline .not_me a[href="`+rescue+`"]`, 1)
		member.Get(rescue).Is(http.StatusOK).Has(`.timeline .rescue`, 1)
	})
}

// A second "this wasn't me" in the same email must not say that the password no longer
// works, if there is another one now.
func TestRescueTwiceAfterAnotherPassword(t *testing.T) {
	for name, set := range map[string]func(*site){
		"another link": func(s *site) {
			b := s.browser()
			b.Choose(b.OpenLink(s.ask("user@example.org")), ownPassword, ownPassword).Is(http.StatusSeeOther)
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
				s.browser().Deny(notMe).Is(http.StatusOK).Says("no longer works", "with the link that we send")
				s.mails()
				s.clock.Add(time.Minute)
				set(s)
				s.browser().Deny(notMe).Is(http.StatusGone).Says("dealt with already", "then a new password was set").Lacks("no longer works")
				s.accepts("user@example.org", ownPassword, true)
			})
		})
	}
}

// The "this wasn't me" of a newer notice replaces the link of an older one. Nobody has set
// a password, and the newest link is the one to use.
func TestRescueTwiceAfterThatOfAnotherNotice(t *testing.T) {
	eachSite(t, func(s *site) {
		stranger, first := s.changedByAStranger()
		stranger.Post("/password-change", "old_password", newPassword, "new_password", "a third password here", "confirm_password", "a third password here").Is(http.StatusSeeOther)
		second := s.last()
		for _, notice := range []smtpsink.Message{first, second, first} {
			s.clock.Add(time.Second)
			s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK).Says("no longer works", "with the link that we send")
		}
		s.browser().OpenLink(s.linkIn(s.last()))
	})
}

// A link whose email was refused for good is not promised.
func TestRescueTwiceAfterItsEmailFailed(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK)
		s.settled()
		s.db.SQL(s.T, `UPDATE password_resets SET mail = 'failed' WHERE requested_by = 'rescue'`)
		s.browser().Deny(s.notMeIn(notice)).Is(http.StatusOK).Says("could not be delivered").Lacks("with the link that we send")
	})
}

// A link that has ended is not promised.
func TestRescueTwiceAfterItsLinkEnded(t *testing.T) {
	eachSite(t, func(s *site) {
		_, notice := s.changedByAStranger()
		notMe := s.notMeIn(notice)
		s.browser().Deny(notMe).Is(http.StatusOK)
		s.clock.Add(2 * time.Hour)
		s.browser().Deny(notMe).Is(http.StatusOK).Says("no longer works", "has ended, or its email could not be delivered, so get another one").Lacks("with the link that we send", "contact support")
	})
}
