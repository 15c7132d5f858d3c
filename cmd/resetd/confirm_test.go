package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/testkit"
)

func TestConfirmFormHelpsPeopleAndPasswordManagers(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		form := s.browser().open(s.ask("user@example.org"))
		form.has(`input[name="new_password"][type="password"][autocomplete="new-password"]`, 1)
		form.has(`input[name="confirm_password"][type="password"][autocomplete="new-password"]`, 1)
		form.has(`input[autocomplete="username"][value="user@example.org"]`, 1)
		form.has(`input[name="reset"][type="hidden"]`, 1)
		form.has(`input[maxlength], input[onpaste]`, 0)
		form.has(`script[src]`, 1)
		if !strings.Contains(form.doc.Find("main").Text(), "8 characters") {
			s.Error("the form does not show the rules")
		}
		if got := form.header.Get("Referrer-Policy"); got != "same-origin" {
			s.Errorf("Referrer-Policy: got %q, want same-origin, so that the form's Origin is sent", got)
		}
	})
}

func TestRefusedPasswordChangesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		b := s.browser()
		form := b.open(link)
		for name, c := range map[string]struct {
			plain, again string
			fields       []string
		}{
			"mismatch":           {newPassword, "an otter in the cellar", []string{"confirm_password"}},
			"too short":          {"zqxjv", "zqxjv", []string{"new_password"}},
			"too long":           {strings.Repeat("otter ", 50), strings.Repeat("otter ", 50), []string{"new_password"}},
			"common":             {"Password123", "Password123", []string{"new_password"}},
			"resembles the name": {"exampleuser1", "exampleuser1", []string{"new_password"}},
			"resembles the site": {"examplesite1", "examplesite1", []string{"new_password"}},
			"blank":              {"", "", []string{"new_password"}},
			"white space":        {"            ", "            ", []string{"new_password"}},
			"several at once":    {"qwerty", "otter", []string{"new_password", "new_password", "confirm_password"}},
		} {
			p := b.choose(form, c.plain, c.again).is(http.StatusUnprocessableEntity)
			if got := p.doc.Find(`[role="alert"] a`).Length(); got != len(c.fields) {
				s.Errorf("%s: %d problems, want %d:\n%s", name, got, len(c.fields), p.body)
			}
			for _, field := range c.fields {
				if p.doc.Find(fmt.Sprintf(`[role="alert"] a[href="#%s"]`, field)).Length() == 0 {
					s.Errorf("%s: there is no problem at %s", name, field)
				}
			}
			if p.value("new_password") != "" || p.value("confirm_password") != "" {
				s.Errorf("%s: the page contains a password", name)
			}
		}
		if !s.signsIn("user@example.org", oldPassword) {
			s.Error("the password has changed")
		}
		b.choose(form, newPassword, newPassword).is(http.StatusSeeOther)
	})
}

func TestPasswordsAreStoredWhole(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		long := strings.Repeat("0123456789", 7) + "xy"
		for _, plain := range []string{
			"  blanks all around  ", "пароль с пробелами", "🦭🦭🦭🦭 seals 🦭🦭🦭🦭", "tab\tand \"quotes\" & <tags>", long + "first", strings.Repeat("长", 256),
		} {
			s.clock.Add(time.Second)
			b := s.browser()
			b.choose(b.open(s.ask("user@example.org")), plain, plain).is(http.StatusSeeOther)
			if !s.signsIn("user@example.org", plain) {
				s.Errorf("%q was set but does not sign in", plain)
			}
			if s.signsIn("user@example.org", strings.TrimSpace(plain)+"!") || s.signsIn("user@example.org", long+"other") {
				s.Errorf("another password than %q signs in", plain)
			}
		}
		if s.signsIn("user@example.org", strings.Repeat("长", 255)) {
			s.Error("a shorter password signs in")
		}
	})
}

// A refusal would tell whoever holds the link that a guess is right.
func TestLinkAcceptsThePresentPassword(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		signedIn, b := s.browser(), s.browser()
		signedIn.login("user@example.org", oldPassword).is(http.StatusSeeOther)
		b.choose(b.open(s.ask("user@example.org")), oldPassword, oldPassword).is(http.StatusSeeOther).to("/password-reset/complete")
		signedIn.get("/password-change").is(http.StatusSeeOther)
		if !strings.Contains(textOf(s.T, s.last()), "was changed") || !s.signsIn("user@example.org", oldPassword) {
			s.Error("the owner is not told, or the password does not sign in")
		}
	})
}

func TestNewPasswordEndsSessionsAndLinks(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		here, elsewhere := s.browser(), s.browser()
		for _, b := range []*browser{here, elsewhere} {
			b.post("/login", "email", "user@example.org", "password", oldPassword).is(http.StatusSeeOther)
			b.get("/password-change").is(http.StatusOK)
		}
		link := s.ask("user@example.org")
		other := testkit.Reset(s.clock.Now(), a.ID)
		s.must(s.app.store.Insert(s.Context(), other, testkit.Delivery(s.clock.Now().Add(10*time.Minute), other)))

		done := here.choose(here.open(link), newPassword, newPassword).is(http.StatusSeeOther).to("/password-reset/complete")
		if !strings.Contains(strings.Join(done.header.Values("Set-Cookie"), "\n"), "resetd_link=; Path=/; Max-Age=0") {
			s.Errorf("the link's cookie was not removed: %v", done.header.Values("Set-Cookie"))
		}
		here.get("/password-reset/complete").is(http.StatusOK).has(`a[href="/login"]`, 1)
		here.get("/password-reset/confirm").is(http.StatusNotFound)
		for name, b := range map[string]*browser{"this browser": here, "another browser": elsewhere} {
			if p := b.get("/password-change"); p.status != http.StatusSeeOther {
				s.Errorf("%s is still signed in", name)
			}
		}
		elsewhere.post("/password-change", "old_password", newPassword, "new_password", oldPassword, "confirm_password", oldPassword).is(http.StatusUnauthorized)
		if s.signsIn("user@example.org", oldPassword) || !s.signsIn("user@example.org", newPassword) {
			s.Error("the old password signs in, or the new one does not")
		}
		for _, r := range s.resets() {
			if r.ID == other.ID && r.RevokedBy != "other_link" {
				s.Errorf("the other link was revoked by %q", r.RevokedBy)
			}
			if r.ID != other.ID && (r.UsedAt.IsZero() || r.UsedByIP.String() != "127.0.0.1") {
				s.Errorf("the link was used at %v by %v", r.UsedAt, r.UsedByIP)
			}
		}
	})
}

func TestFormChangesOnlyItsOwnAccount(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("first@example.org")
		s.user("second@example.org")
		first, second := s.ask("first@example.org"), s.ask("second@example.org")
		b := s.browser()
		formOfFirst := b.open(first)
		formOfSecond := b.open(second)
		p := b.choose(formOfFirst, newPassword, newPassword).is(http.StatusConflict)
		if !strings.Contains(p.body, "another link") {
			s.Errorf("the page does not contain the reason:\n%s", p.body)
		}
		for _, email := range []string{"first@example.org", "second@example.org"} {
			if !s.signsIn(email, oldPassword) {
				s.Errorf("the password of %s has changed", email)
			}
		}
		b.choose(formOfSecond, newPassword, newPassword).is(http.StatusSeeOther)
		if !s.signsIn("second@example.org", newPassword) || !s.signsIn("first@example.org", oldPassword) {
			s.Error("the form changed the password of another account")
		}
	})
}

func TestOneOfFiftyConcurrentUsesWins(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		var (
			mu    sync.Mutex
			count = map[int]int{}
			won   string
			wg    sync.WaitGroup
		)
		browsers, forms := make([]*browser, 50), make([]page, 50)
		for i := range browsers {
			browsers[i] = s.browser()
			forms[i] = browsers[i].open(link)
		}
		for i, b := range browsers {
			wg.Go(func() {
				plain := fmt.Sprintf("%s number %d", newPassword, i)
				p := b.choose(forms[i], plain, plain)
				mu.Lock()
				defer mu.Unlock()
				count[p.status]++
				title := p.doc.Find("h1").Text()
				switch {
				case p.status == http.StatusSeeOther:
					won = plain
				case p.status == http.StatusServiceUnavailable: // too many hashes wait on a slow machine
				case p.status != http.StatusGone || !strings.Contains(title, "used"):
					s.Errorf("a refused use: got %d %q, want that the link was used", p.status, title)
				}
			})
		}
		wg.Wait()
		if count[http.StatusSeeOther] != 1 {
			s.Errorf("got %v, want one 303", count)
		}
		if !s.signsIn("user@example.org", won) {
			s.Error("the winner's password does not sign in")
		}
	})
}

func TestResetSignsNobodyIn(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.choose(b.open(s.ask("user@example.org")), newPassword, newPassword).is(http.StatusSeeOther)
		b.get("/password-change").is(http.StatusSeeOther).to("/login?next=/password-change")
	})
}

func TestSignedInVisitorCanUseALink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("other@example.org")
		b := s.browser()
		b.post("/login", "email", "other@example.org", "password", oldPassword).is(http.StatusSeeOther)
		b.get("/password-reset").is(http.StatusOK)
		b.choose(b.open(s.ask("user@example.org")), newPassword, newPassword).is(http.StatusSeeOther)
		if !s.signsIn("user@example.org", newPassword) || !s.signsIn("other@example.org", oldPassword) {
			s.Error("the link changed the password of another account")
		}
	})
}

func TestCrossSitePostChangesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		for name, headers := range map[string][2]string{
			"cross-site":         {"Sec-Fetch-Site", "cross-site"},
			"same-site":          {"Sec-Fetch-Site", "same-site"},
			"a foreign origin":   {"Origin", "https://evil.example"},
			"no origin to name":  {"Origin", "null"},
			"another port of us": {"Origin", "http://127.0.0.1:1"},
		} {
			b := s.browser()
			form := b.open(link)
			b.with(headers[0], headers[1])
			if p := b.choose(form, newPassword, newPassword); p.status != http.StatusForbidden {
				s.Errorf("%s: got %d, want 403", name, p.status)
			}
			b.post("/password-reset", "email", "user@example.org").is(http.StatusForbidden)
			b.post("/login", "email", "user@example.org", "password", oldPassword).is(http.StatusForbidden)
		}
		if len(s.mails()) != 1 || !s.signsIn("user@example.org", oldPassword) {
			s.Error("another site changed something")
		}
		b := s.browser()
		form := b.open(link)
		b.with("Sec-Fetch-Site", "same-origin").with("Origin", s.url)
		b.choose(form, newPassword, newPassword).is(http.StatusSeeOther)
	})
}
