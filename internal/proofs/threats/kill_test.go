package threats

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"resetd/internal/testkit/smtpsink"
)

func TestKilledBeforeTheMail(t *testing.T) {
	each(t, nil, func(s *service) {
		s.program.Kill()
		slow := smtpsink.Start(s.T, smtpsink.Options{}) // accepts no email before the kill
		slow.Add(smtpsink.Rule{At: smtpsink.Data, Stall: true})
		s.set(vars{"MAIL_URL": slow.URL()})
		s.restart()
		emails := make([]string, 12)
		for i := range emails {
			emails[i] = fmt.Sprintf("user%d@example.org", i)
			s.account(emails[i])
		}
		var mu sync.Mutex
		var all sync.WaitGroup
		acknowledged := map[string]bool{}
		for _, email := range emails {
			b := s.browser().With("Content-Type", form)
			all.Go(func() {
				p, err := b.Try(http.MethodPost, "/password-reset", "email="+email)
				mu.Lock()
				defer mu.Unlock()
				if err == nil && p.Status == http.StatusSeeOther {
					if acknowledged[email] = true; len(acknowledged) == 6 {
						go s.program.Kill()
					}
				}
			})
		}
		all.Wait()
		s.program.Kill()
		s.set(vars{"MAIL_URL": s.sink.URL()})
		s.restart()
		s.dueNow() // instead of waiting for the end of the leases
		links := map[string]string{}
		for _, m := range s.mails() {
			links[m.To[0]] = s.linkIn(m)
		}
		for email := range acknowledged {
			if links[email] == "" {
				s.Fatalf("the request for %s was acknowledged and then lost", email)
			}
			s.browser().finish(links[email], newPassword)
			s.browser().Get(links[email]).Is(http.StatusGone)
		}
	})
}

// Whenever the program is killed, the link must be either used or alive. It must never
// work twice.
func TestKilledWhileALinkIsUsed(t *testing.T) {
	each(t, nil, func(s *service) {
		for i := range 4 {
			email := fmt.Sprintf("user%d@example.org", i)
			s.account(email)
			link := s.ask(email)
			b := s.browser()
			form := b.OpenLink(link)
			answered := make(chan bool)
			go func() {
				p, err := b.submit(form, newPassword)
				answered <- err == nil && p.Status == http.StatusSeeOther
			}()
			time.Sleep(time.Duration(i) * 15 * time.Millisecond) // a different moment each time
			s.program.Kill()
			acknowledged := <-answered
			s.restart()
			s.dueNow()
			used := s.browser().login(email, newPassword).Status == http.StatusSeeOther
			if acknowledged && !used {
				s.Error("the new password was acknowledged and then lost")
			}
			if !used {
				s.browser().finish(link, newPassword)
			}
			s.browser().Get(link).Is(http.StatusGone)
			s.wantPassword(email, newPassword, oldPassword)
			s.mails()
		}
	})
}

// If the program is killed before it writes the password, the link must be unused.
func TestKilledDuringAUse(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		link := s.ask(user)
		b := s.browser()
		form := b.OpenLink(link)
		held := s.hold(`UPDATE users SET name = name`)
		answered := make(chan error, 1)
		go func() {
			_, err := b.submit(form, newPassword)
			answered <- err
		}()
		s.untilItWaits()
		s.program.Kill()
		if err := <-answered; err == nil {
			s.Error("it was answered before it was finished")
		}
		s.must(held.Rollback())
		s.restart()
		s.wantPassword(user, oldPassword, newPassword)
		s.browser().finish(link, newPassword)
		s.browser().Get(link).Is(http.StatusGone)
	})
}
