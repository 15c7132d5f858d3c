package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
)

func TestConfirmFormHelpsPeopleAndPasswordManagers(t *testing.T) {
	eachSite(t, func(s *site) {
		_, form := s.opened("user@example.org")
		form.Has(`input[name="new_password"][type="password"][autocomplete="new-password"]`, 1)
		form.Has(`input[name="confirm_password"][type="password"][autocomplete="new-password"]`, 1)
		form.Has(`input[autocomplete="username"][value="user@example.org"]`, 1)
		form.Has(`input[name="reset"][type="hidden"]`, 1)
		form.Has(`input[maxlength], input[onpaste]`, 0)
		form.Has(`script[src]`, 1)
		if !strings.Contains(form.Find("main").Text(), "8 characters") {
			s.Error("the form does not show the rules")
		}
		if got := form.Header.Get("Referrer-Policy"); got != "same-origin" {
			s.Errorf("Referrer-Policy: got %q, want same-origin, so that the form's Origin is sent", got)
		}
	})
}

func TestRefusedPasswordChangesNothing(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		b := s.browser()
		form := b.OpenLink(link)
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
			p := b.Choose(form, c.plain, c.again).Is(http.StatusUnprocessableEntity)
			if got := p.Find(`[role="alert"] a`).Length(); got != len(c.fields) {
				s.Errorf("%s: %d problems, want %d:\n%s", name, got, len(c.fields), p.Body)
			}
			for _, field := range c.fields {
				if p.Find(fmt.Sprintf(`[role="alert"] a[href="#%s"]`, field)).Length() == 0 {
					s.Errorf("%s: there is no problem at %s", name, field)
				}
			}
			if p.Field("new_password") != "" || p.Field("confirm_password") != "" {
				s.Errorf("%s: the page contains a password", name)
			}
		}
		s.accepts("user@example.org", oldPassword, true)
		b.Choose(form, newPassword, newPassword).Is(http.StatusSeeOther)
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
			b.Choose(b.OpenLink(s.ask("user@example.org")), plain, plain).Is(http.StatusSeeOther)
			s.accepts("user@example.org", plain, true)
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
		signedIn.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
		b.Choose(b.OpenLink(s.ask("user@example.org")), oldPassword, oldPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
		signedIn.Get("/password-change").Is(http.StatusSeeOther)
		if !strings.Contains(s.last().Text(s), "was changed") || !s.signsIn("user@example.org", oldPassword) {
			s.Error("the owner is not told, or the password does not sign in")
		}
	})
}

func TestNewPasswordEndsSessionsAndLinks(t *testing.T) {
	eachSite(t, func(s *site) {
		a := s.user("user@example.org")
		here, elsewhere := s.browser(), s.browser()
		for _, b := range []*browser{here, elsewhere} {
			b.Post("/login", "email", "user@example.org", "password", oldPassword).Is(http.StatusSeeOther)
			b.Get("/password-change").Is(http.StatusOK)
		}
		link := s.ask("user@example.org")
		other := testkit.Reset(s.clock.Now(), a.ID)
		s.must(s.app.store.Insert(s.Context(), other, testkit.Delivery(s.clock.Now().Add(10*time.Minute), other)))

		done := here.Choose(here.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
		if !strings.Contains(strings.Join(done.Header.Values("Set-Cookie"), "\n"), "resetd_link=; Path=/; Max-Age=0") {
			s.Errorf("the link's cookie was not removed: %v", done.Header.Values("Set-Cookie"))
		}
		here.Get("/password-reset/complete").Is(http.StatusOK).Has(`a[href="/login"]`, 1)
		here.Get("/password-reset/confirm").Is(http.StatusNotFound)
		for name, b := range map[string]*browser{"this browser": here, "another browser": elsewhere} {
			if p := b.Get("/password-change"); p.Status != http.StatusSeeOther {
				s.Errorf("%s is still signed in", name)
			}
		}
		elsewhere.Post("/password-change", "old_password", newPassword, "new_password", oldPassword, "confirm_password", oldPassword).Is(http.StatusUnauthorized)
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
		formOfFirst := b.OpenLink(first)
		formOfSecond := b.OpenLink(second)
		p := b.Choose(formOfFirst, newPassword, newPassword).Is(http.StatusConflict)
		if !strings.Contains(p.Body, "another link") {
			s.Errorf("the page does not contain the reason:\n%s", p.Body)
		}
		for _, email := range []string{"first@example.org", "second@example.org"} {
			s.accepts(email, oldPassword, true)
		}
		b.Choose(formOfSecond, newPassword, newPassword).Is(http.StatusSeeOther)
		if !s.signsIn("second@example.org", newPassword) || !s.signsIn("first@example.org", oldPassword) {
			s.Error("the form changed the password of another account")
		}
	})
}

func TestResetSignsNobodyIn(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		b := s.browser()
		b.Choose(b.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		b.Get("/password-change").Is(http.StatusSeeOther).To("/login?next=/password-change")
	})
}

func TestSignedInVisitorCanUseALink(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.user("other@example.org")
		b := s.browser()
		b.Post("/login", "email", "other@example.org", "password", oldPassword).Is(http.StatusSeeOther)
		b.Get("/password-reset").Is(http.StatusOK)
		b.Choose(b.OpenLink(s.ask("user@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		if !s.signsIn("user@example.org", newPassword) || !s.signsIn("other@example.org", oldPassword) {
			s.Error("the link changed the password of another account")
		}
	})
}
