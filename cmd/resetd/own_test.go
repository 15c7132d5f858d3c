package main

import (
	"net/http"
	"testing"
	"time"

	"resetd/internal/staff"
)

// Members change their own password and app. This browser stays signed in, all others
// are signed out.
func TestMemberChangesTheOwnSignIn(t *testing.T) {
	eachSite(t, func(s *site) {
		code := s.coded("vera", staff.Viewer)
		here, there := s.browser(), s.browser()
		here.staffLogin("vera", oldPassword, code(0)).To("/support")
		s.clock.Add(30 * time.Second)
		there.staffLogin("vera", oldPassword, code(0)).To("/support")
		here.Get("/support").Has(`header a[href="/support/me"]`, 1)
		here.Get("/support/me").Is(http.StatusOK).Has(`main a[href="/support/me/password"]`, 1).Has(`main a[href="/support/me/totp"]`, 1)
		here.Get("/support/me/password").Is(http.StatusOK).Has(`input[name="username"][value="vera"]`, 1)

		change := func(old, code, plain, again string) page {
			return here.Post("/support/me/password", "username", "vera", "old_password", old, "present_code", code, "new_password", plain, "confirm_password", again)
		}
		change("wrong", code(0), "short", "shorter").Is(http.StatusUnprocessableEntity).Has("#old_password-problem", 1).Has("#new_password-problem", 1).Has("#confirm_password-problem", 1)
		change(oldPassword, code(0), newPassword, newPassword).Is(http.StatusUnprocessableEntity).Shows("#present_code-problem", "used before")
		s.clock.Add(30 * time.Second)
		change(oldPassword, code(0), newPassword, newPassword).Is(http.StatusSeeOther).To("/support/me")
		here.Get("/support/me").Is(http.StatusOK).Shows(".done", "Your password was changed")
		here.Get("/support/me").Has(".done", 0)
		there.Get("/support").To("/support/login")

		s.clock.Add(30 * time.Second)
		there.staffLogin("vera", newPassword, code(0)).To("/support")
		s.clock.Add(30 * time.Second)
		form := here.Get("/support/me/totp").Is(http.StatusOK)
		fresh, secret := s.codeOn(form)
		app := func(present, fresh string) page {
			return here.Post("/support/me/totp", "username", "vera", "old_password", newPassword, "present_code", present, "setup", form.Field("setup"), "code", fresh)
		}
		again := app("000000", "000000").Is(http.StatusUnprocessableEntity).Has("#present_code-problem", 1).Has("#code-problem", 1)
		if _, same := s.codeOn(again); same != secret {
			s.Error("after a mistake the page shows another secret")
		}
		app(code(0), fresh).Is(http.StatusSeeOther).To("/support/me")
		here.Get("/support/me").Is(http.StatusOK).Shows(".done", "Your app was changed")
		there.Get("/support").To("/support/login")
		s.clock.Add(30 * time.Second)
		there.staffLogin("vera", newPassword, code(0)).Is(http.StatusUnprocessableEntity)
	})
}

// Guesses of the present password count like failed sign-ins.
func TestGuessesOfTheOwnPasswordAreLimited(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		guess := func(plain string) page {
			return b.Post("/support/me/password", "old_password", plain, "new_password", newPassword, "confirm_password", newPassword)
		}
		for range 3 {
			guess("wrong").Is(http.StatusUnprocessableEntity)
		}
		guess(oldPassword).Is(http.StatusTooManyRequests)
	}, limits("0", "0", "0", "3/15m"))
}
