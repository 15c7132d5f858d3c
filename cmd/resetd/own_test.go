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
		here.staffLogin("vera", oldPassword, code(0)).to("/support")
		s.clock.Add(30 * time.Second)
		there.staffLogin("vera", oldPassword, code(0)).to("/support")
		here.get("/support").has(`header a[href="/support/me"]`, 1)
		here.get("/support/me").is(http.StatusOK).has(`main a[href="/support/me/password"]`, 1).has(`main a[href="/support/me/totp"]`, 1)
		here.get("/support/me/password").is(http.StatusOK).has(`input[name="username"][value="vera"]`, 1)

		change := func(old, code, plain, again string) page {
			return here.post("/support/me/password", "username", "vera", "old_password", old, "present_code", code, "new_password", plain, "confirm_password", again)
		}
		change("wrong", code(0), "short", "shorter").is(http.StatusUnprocessableEntity).has("#old_password-problem", 1).has("#new_password-problem", 1).has("#confirm_password-problem", 1)
		change(oldPassword, code(0), newPassword, newPassword).is(http.StatusUnprocessableEntity).contains("#present_code-problem", "used before")
		s.clock.Add(30 * time.Second)
		change(oldPassword, code(0), newPassword, newPassword).is(http.StatusSeeOther).to("/support/me")
		here.get("/support/me").is(http.StatusOK).contains(".done", "Your password was changed")
		here.get("/support/me").has(".done", 0)
		there.get("/support").to("/support/login")

		s.clock.Add(30 * time.Second)
		there.staffLogin("vera", newPassword, code(0)).to("/support")
		s.clock.Add(30 * time.Second)
		form := here.get("/support/me/totp").is(http.StatusOK)
		fresh, secret := s.codeOn(form)
		app := func(present, fresh string) page {
			return here.post("/support/me/totp", "username", "vera", "old_password", newPassword, "present_code", present, "setup", form.value("setup"), "code", fresh)
		}
		again := app("000000", "000000").is(http.StatusUnprocessableEntity).has("#present_code-problem", 1).has("#code-problem", 1)
		if _, same := s.codeOn(again); same != secret {
			s.Error("after a mistake the page shows another secret")
		}
		app(code(0), fresh).is(http.StatusSeeOther).to("/support/me")
		here.get("/support/me").is(http.StatusOK).contains(".done", "Your app was changed")
		there.get("/support").to("/support/login")
		s.clock.Add(30 * time.Second)
		there.staffLogin("vera", newPassword, code(0)).is(http.StatusUnprocessableEntity)
	})
}

// Guesses of the present password count like failed sign-ins.
func TestGuessesOfTheOwnPasswordAreLimited(t *testing.T) {
	eachSite(t, func(s *site) {
		b := s.member("vera", staff.Viewer)
		guess := func(plain string) page {
			return b.post("/support/me/password", "old_password", plain, "new_password", newPassword, "confirm_password", newPassword)
		}
		for range 3 {
			guess("wrong").is(http.StatusUnprocessableEntity)
		}
		guess(oldPassword).is(http.StatusTooManyRequests)
	}, limits("0", "0", "0", "3/15m"))
}
