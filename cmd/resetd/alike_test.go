package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit/smtpsink"
)

// alike are pairs of addresses that case folding or NFKC makes the same.
var alike = [][2]string{
	{"strasse-ß1@example.org", "strasse-ss1@example.org"},
	{"ﬁ-1@example.org", "fi-1@example.org"},
	{"ｆa1@example.org", "fa1@example.org"},
	{"ĳ1@example.org", "ij1@example.org"},
	{"½1@example.org", "1⁄21@example.org"},
	{"a²1@example.org", "a21@example.org"},
	{"νίκος1@example.org", "νίκοσ1@example.org"},
}

// Two people whose addresses are written alike can both sign up, whoever is first, and each
// signs in to their own account, also after a reset.
func TestAddressesWrittenAlikeHaveTheirOwnAccounts(t *testing.T) {
	eachSite(t, func(s *site) {
		for i, pair := range alike[:2] { // in both orders; the rule for all of them is tested by itself
			first, second := pair[i%2], pair[1-i%2]
			for _, c := range [][2]string{{first, oldPassword}, {second, newPassword}} {
				link := s.signUpAsked(c[0])
				if m := s.last(); m.To[0] != c[0] {
					s.Errorf("the sign-up as %s was answered to %s", c[0], m.To[0])
				}
				for range 2 { // a double click
					s.browser().finish(link, c[1]).Is(http.StatusSeeOther).To("/signup/complete")
				}
			}
			for _, email := range []string{first, " " + first} {
				s.accepts(email, oldPassword, true)
				s.accepts(email, newPassword, false)
			}
			s.accepts(second, newPassword, true)
			s.accepts(second, oldPassword, false)
			s.browser().signUp(first)
			if m := s.last(); m.To[0] != first || strings.Contains(m.Text(s), "/signup/confirm/") {
				s.Errorf("a second sign-up as %s was answered to %s:\n%s", first, m.To[0], m.Text(s))
			}
		}
	}, signUpOn)
}

func TestResetOfAnAddressWrittenAlike(t *testing.T) {
	for _, pair := range alike {
		eachSite(t, func(s *site) {
			s.user(pair[0])
			other := s.user(pair[1])
			s.browser().Post("/password-reset", "email", pair[0]).Is(http.StatusSeeOther)
			s.sent(2)
			b := s.browser()
			b.Choose(b.OpenLink(s.linkIn(s.mailTo(pair[0]))), newPassword, newPassword).Is(http.StatusSeeOther)
			b.Get("/password-reset/complete").Is(http.StatusOK).Says("Use it the next time you sign in")
			s.accepts(pair[0], newPassword, true)
			s.accepts(pair[1], oldPassword, true)
			s.must(s.app.store.SetActive(s.Context(), other.ID, false, s.clock.Now(), "operator", reset.Client{}))
			s.accepts(pair[0], newPassword, true)
			s.accepts(pair[1], newPassword, false)
		})
	}
}

// A domain in Unicode and its A-labels are the same, in whichever form the address is stored.
func TestDomainsAreFoundInBothForms(t *testing.T) {
	forms := []string{"user@bücher.example", "user@xn--bcher-kva.example", "User@BÜCHER.example", "USER@XN--BCHER-KVA.EXAMPLE"}
	eachSite(t, func(s *site) {
		a, vera := s.user("user@bücher.example"), s.member("vera", staff.Viewer)
		for i, stored := range forms[:2] {
			s.db.SQL(s.T, `UPDATE users SET email = '`+stored+`'`)
			for j, typed := range forms {
				s.browser().Post("/password-reset", "email", typed).Is(http.StatusSeeOther)
				s.sent(len(forms)*i + j + 1)
				s.accepts(typed, oldPassword, true)
				vera.Get("/support?q=" + url.QueryEscape(typed)).Is(http.StatusSeeOther).To("/support/accounts/" + a.ID)
				vera.Get("/support?q=" + url.QueryEscape(typed[3:])).Is(http.StatusSeeOther).To("/support/accounts/" + a.ID) // a part
				line(s.T, s.db, "users", "disable", typed)
				line(s.T, s.db, "users", "enable", typed)
				if status, out := s.history("--user", typed); status != 0 || out == "" {
					s.Errorf("history --user %s: status %d, %q", typed, status, out)
				}
				s.clock.Add(time.Second)
			}
		}
	})
	rows := strings.Replace(djangoUser, "Ada@Example.org", "user@bücher.example", 1)
	for _, stored := range forms[:2] {
		besideApplication(t, "django", strings.Replace(rows, "user@bücher.example", stored, 1), func(s *site) {
			for i, typed := range forms {
				s.browser().Post("/password-reset", "email", typed).Is(http.StatusSeeOther)
				s.sent(i + 1)
				s.clock.Add(time.Second)
			}
		})
	}
}

// What is typed in full-width letters still finds the only account.
func TestSignInFindsTheOnlyAccountWrittenAlike(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("fiona1@example.org")
		s.accepts("ｆｉona1@example.org", oldPassword, true)
	})
}

func TestCommandsChangeTheVeryAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("fiona1@example.org")
		line(s.T, s.db, "users", "add", "ﬁona1@example.org")
		line(s.T, s.db, "users", "set-password", "ﬁona1@example.org")
		s.accepts("fiona1@example.org", oldPassword, true)
		s.accepts("ﬁona1@example.org", demoPassword, true)
		line(s.T, s.db, "users", "disable", "ﬁona1@example.org")
		s.stored(`SELECT email FROM users WHERE active`, "fiona1@example.org")
	})
}

// A browser that knows an account is a stranger's to another one that is written alike.
func TestKnownBrowserIsKnownToOneAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("fiona1@example.org")
		s.user("ﬁona1@example.org")
		b := s.from("203.0.113.1")
		b.login("fiona1@example.org", oldPassword).Is(http.StatusSeeOther)
		s.lock("203.0.113.1", "ﬁona1@example.org", 1)
		b.login("ﬁona1@example.org", oldPassword).Is(http.StatusTooManyRequests)
		b.login("fiona1@example.org", oldPassword).Is(http.StatusSeeOther)
	}, limits("0", "0", "0", "1/15m"))
}

// Sign-ups with addresses written alike send their emails elsewhere, and use up no limit of
// this one. Requests with them reach the same account, and do.
func TestSignUpLimitCountsTheVeryAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		for _, email := range spellings {
			s.signUpAsked(email)
		}
		s.signUpAsked("Fiona1@example.org")
		s.signUpAsked("fiona1@EXAMPLE.org")
		s.browser().signUp("fiona1@example.org")
		s.sent(len(spellings) + 2)

		s.user("fiona1@example.org")
		for _, email := range spellings {
			s.clock.Add(time.Second)
			s.browser().Post("/password-reset", "email", email).Is(http.StatusSeeOther)
		}
		s.sent(len(spellings) + 4)
	}, signUpOn, limits("2/1h", "0", "0", "0"))
}

// A sign-up whose address is written like that of an account, which is deleted while its
// email waits, is answered to the address that was typed.
func TestSignUpWrittenLikeAnAccountIsAnsweredToItself(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("strasse1@example.org")
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "later", Times: 1})
		s.browser().signUp("straße1@example.org")
		s.eventually("the first attempt", func() bool {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply <> ''`) == "1"
		})
		s.db.SQL(s.T, `DELETE FROM users`)
		s.clock.Add(20 * time.Minute)
		s.app.worker.Wake()
		if m := s.last(); m.To[0] != "straße1@example.org" {
			s.Errorf("the link went to %s", m.To[0])
		}
	}, signUpOn)
}

// Whoever owns an address that is written alike can set a new password as often as they
// like: the failures of the other account stay counted, and lock this account alone.
func TestPasswordOfAnAddressWrittenAlikeLiftsNoOtherLock(t *testing.T) {
	eachSite(t, func(s *site) {
		victim, stranger := s.user("groß1@example.org"), s.user("gross1@example.org")
		for range 2 {
			s.from("203.0.113.1").login(victim.Email, "wrong").Is(http.StatusUnprocessableEntity)
			s.from("203.0.113.1").login("groſs1@example.org", "wrong") // counts for neither
			s.assign(stranger)
		}
		s.from("203.0.113.1").login(victim.Email, oldPassword).Is(http.StatusTooManyRequests)
		s.from("203.0.113.2").login(victim.Email, "wrong").Is(http.StatusUnprocessableEntity)
		s.assign(stranger)
		s.from("203.0.113.3").login(victim.Email, oldPassword).Is(http.StatusTooManyRequests)
		s.from("203.0.113.1").login(stranger.Email, newPassword).Is(http.StatusSeeOther)
		s.assign(victim)
		for i := 1; i <= 3; i++ {
			s.from(fmt.Sprintf("203.0.113.%d", i)).login(victim.Email, newPassword).Is(http.StatusSeeOther)
		}
	}, limits("0", "0", "0", "2/15m"), accountLimit("3/1h"))
}

// assign sets newPassword, as a used link does.
func (s *site) assign(a reset.Account) {
	s.Helper()
	a, err := s.app.store.Account(s.Context(), a.ID)
	s.must(err)
	s.must(s.app.resets.Assign(s.Context(), a, newPassword, newPassword))
}

// spellings of fiona1@example.org, each of which finds its account.
var spellings = []string{"ﬁona1@example.org", "ｆiona1@example.org", "fiｏna1@example.org", "fionａ1@example.org"}

// To write an address in many ways gives no further guesses, and a new password lifts the
// lock of each way.
func TestAllWaysOfWritingAnAddressCountTogether(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("fiona1@example.org")
		for i, email := range spellings[:3] {
			s.from(fmt.Sprintf("203.0.113.%d", i)).login(email, "wrong").Is(http.StatusUnprocessableEntity)
		}
		for _, email := range spellings {
			s.from("203.0.113.9").login(email, oldPassword).Is(http.StatusTooManyRequests).Says("choose a new password")
		}
		s.from("203.0.113.9").login(a.Email, oldPassword).Is(http.StatusTooManyRequests)
		s.assign(a)
		for _, email := range append(spellings, a.Email) {
			s.from("203.0.113.9").login(email, newPassword).Is(http.StatusSeeOther)
		}
	}, limits("0", "0", "0", "0"), accountLimit("3/1h"))
}

// The answers to wrong passwords do not tell which of the addresses have accounts.
func TestLocksOfAddressesWrittenAlikeTellNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		var all []string
		for _, domain := range []string{"a.example.org", "b.example.org", "c.example.org", "d.example.org"} {
			plain, odd := "fiona1@"+domain, "ﬁona1@"+domain
			for email, has := range map[string]bool{plain: domain[0] == 'b' || domain[0] == 'd', odd: domain[0] > 'b'} {
				if has {
					s.user(email)
				}
			}
			var got []string
			for _, email := range []string{odd, odd, plain, odd, "fionａ1@" + domain, plain, plain, odd} {
				answer := s.from("203.0.113.1").login(email, "wrong")
				got = append(got, fmt.Sprint(answer.Status, answer.Header["Retry-After"]))
			}
			all = append(all, strings.Join(got, " "))
		}
		if len(slices.Compact(slices.Clone(all))) != 1 {
			s.Errorf("without an account, with one, the other, both:\n%s", strings.Join(all, "\n"))
		}
	}, limits("0", "0", "0", "2/15m"))
}
