package threats

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// kills contains the ways in which the link of an account dies.
var kills = map[string]func(s *service, email, link string){
	"used":             func(s *service, _, link string) { s.browser().finish(link, newPassword) },
	"another one used": func(s *service, email, _ string) { s.browser().finish(s.ask(email), newPassword) },
	"password changed": func(s *service, email, _ string) { s.changed(email) },
	"changed elsewhere": func(s *service, email, _ string) {
		s.db.SQL(s.T, `UPDATE users SET password_hash = replace(password_hash, 'p=1$', 'p=1$AAAA') WHERE email = '`+email+`'`)
	},
	"address changed": func(s *service, email, _ string) {
		s.db.SQL(s.T, `UPDATE users SET email = 'X' || substr(email, 2) WHERE email = '`+email+`'`)
	},
	"deactivated": func(s *service, email, _ string) {
		s.db.SQL(s.T, `UPDATE users SET active = NOT active WHERE email = '`+email+`'`)
	},
	"deleted": func(s *service, email, _ string) { s.db.SQL(s.T, `DELETE FROM users WHERE email = '`+email+`'`) },
	"denied": func(s *service, _, _ string) {
		mails := s.mails()
		s.browser().Deny(s.notMeIn(mails[len(mails)-1])).Is(http.StatusOK)
	},
}

func TestDeadLinks(t *testing.T) {
	const third = "a heron on the roof"
	each(t, nil, func(s *service) {
		hashes := map[string]string{"sqlite": `SELECT group_concat(password_hash) FROM users`, "postgres": `SELECT string_agg(password_hash, ',' ORDER BY id) FROM users`}[s.db.Name]
		for name, kill := range kills {
			email := strings.ReplaceAll(name, " ", "-") + "@example.org"
			s.account(email)
			link := s.ask(email)
			opened := s.browser()
			form := opened.OpenLink(link)
			kill(s, email, link)
			before := s.db.Text(s.T, hashes)
			again := s.browser().With("Cookie", "resetd_link="+token(link))
			for what, p := range map[string]page{
				"the open form": opened.Choose(form, third, third), "the link": s.browser().Get(link), "its cookie": again.Choose(form, third, third),
			} {
				if p.Status != http.StatusGone {
					s.Errorf("%s: %s: got %d, want 410", name, what, p.Status)
				}
			}
			s.is(before, hashes)
		}
	})
}

// changed changes the password of a signed-in owner.
func (s *service) changed(email string) {
	b := s.browser()
	b.login(email, oldPassword).To("/login")
	b.change(oldPassword, newPassword).To("/password-change/done")
}

// Time passes between reading and writing the row. Only the write must decide.
func TestExpiryIsCheckedInTheUpdate(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		b := s.browser()
		form := b.OpenLink(s.ask(user))
		p := s.meanwhile(`UPDATE password_resets SET created_at = `+at(-2*time.Hour)+`, expires_at = `+at(-time.Second),
			func() (page, error) { return b.submit(form, newPassword) })
		p.Is(http.StatusGone)
		s.wantPassword(user, oldPassword, newPassword)
	})
}

// Two processes share the database, as behind a load balancer. They hash at the lowest
// cost, so that no use waits too long for its turn.
func TestFiftyUsesAtOnce(t *testing.T) {
	each(t, vars{"HASH_MEMORY": "7", "HASH_PASSES": "5"}, func(s *service) {
		s.account(user)
		link := s.ask(user)
		second := s.another()
		browsers, forms := make([]*browser, 50), make([]page, 50)
		for i := range browsers {
			browsers[i] = s.browser()
			if i%2 == 1 {
				browsers[i].URL = second.URL
			}
			forms[i] = browsers[i].OpenLink(link)
		}
		answers := make([]page, len(browsers))
		var all sync.WaitGroup
		for i, b := range browsers {
			all.Go(func() {
				var err error
				if answers[i], err = b.submit(forms[i], fmt.Sprint(newPassword, " ", i)); err != nil {
					s.Error(err)
				}
			})
		}
		all.Wait()
		winners := []string{}
		for i, p := range answers {
			switch {
			case p.Status == http.StatusSeeOther:
				winners = append(winners, fmt.Sprint(newPassword, " ", i))
			case p.Status != http.StatusGone || !strings.Contains(p.Find("h1").Text(), "used"):
				s.Errorf("a refused use: got %d, want 410 and that the link was used:\n%s", p.Status, p.Body)
			}
		}
		if len(winners) != 1 {
			s.Fatalf("%d uses succeeded, want one", len(winners))
		}
		s.wantPassword(user, winners[0], oldPassword)
		s.wantMails(2, user)
	})
}
