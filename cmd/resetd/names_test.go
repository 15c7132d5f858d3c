package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/staff"
)

func byName(v *config.Settings, _ *config.Secrets) { v.RequestByName = "on" }

// A name gets a link at the stored address, and every name and address the same answer.
// A name is compared exactly, as the application does.
func TestRequestByUserName(t *testing.T) {
	besideApplication(t, "django", djangoUser, func(s *site) {
		s.browser().Get("/password-reset").Is(http.StatusOK).Says("Email address or user name")
		for _, typed := range []string{"ada", " \u200bada ", "ADA@example.org", "ada＠example.org"} {
			link := s.ask(typed)
			mails := s.mails()
			if to := mails[len(mails)-1].To; len(to) != 1 || to[0] != "Ada@Example.org" || link == "" {
				s.Errorf("%q: the email went to %q", typed, to)
			}
		}
		before := len(s.mails())
		for _, typed := range []string{"Ada", "nobody", "ad", "%", "ada@nowhere.example.org"} {
			s.browser().Post("/password-reset", "email", typed).Is(http.StatusSeeOther).To("/password-reset/done")
		}
		s.browser().Get("/password-reset/done").Is(http.StatusOK).Says("an account with the address or name you entered")
		if n := len(s.mails()) - before; n != 0 {
			s.Errorf("%d emails for names that nobody has", n)
		}
		for _, typed := range []string{"", "  ", strings.Repeat("a", 255), "a\nb"} {
			s.browser().Post("/password-reset", "email", typed).Is(http.StatusUnprocessableEntity).Has(`#email[aria-invalid="true"]`, 1)
		}
		b := s.browser()
		b.Choose(b.OpenLink(s.ask("ada")), newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
	}, byName, limits("0", "0", "0", "0"))
}

// A user name that is somebody else's address gets that person no link.
func TestUserNameThatIsAnAddress(t *testing.T) {
	evil := strings.Replace(djangoUser, "'ada'", "'owner@example.org'", 1)
	besideApplication(t, "django", evil, func(s *site) {
		s.browser().Post("/password-reset", "email", "owner@example.org").Is(http.StatusSeeOther)
		s.sent(0)
	}, byName)
}

func TestRequestByUserNameIsOffByDefault(t *testing.T) {
	besideApplication(t, "django", djangoUser, func(s *site) {
		s.browser().Post("/password-reset", "email", "ada").Is(http.StatusUnprocessableEntity)
	})
	var v config.Settings
	if err := kong.ApplyDefaults(&v); err != nil {
		t.Fatal(err)
	}
	v.RequestByName = "on"
	if _, err := config.Check(v, config.Secrets{DatabaseURL: "sqlite:x", MailURL: "console:"}); err == nil || !strings.Contains(err.Error(), "RESETD_REQUEST_BY_NAME: set it to off") {
		t.Errorf("built-in accounts: %v", err)
	}
}

// An account without an address can be asked for by its name. The record shows that no
// email could be sent.
func TestNamedAccountWithoutAnAddress(t *testing.T) {
	besideApplication(t, "django", strings.Replace(djangoUser, "'Ada@Example.org'", "''", 1), func(s *site) {
		s.browser().Post("/password-reset", "email", "ada").Is(http.StatusSeeOther)
		n := len(s.mails())
		if r := s.resets()[0]; n != 0 || r.Mail != reset.MailFailed || r.UserID != "7" {
			s.Errorf("%d emails, state %q, account %q", n, r.Mail, r.UserID)
		}
	}, byName)
}

// Staff know the address that the person had when they asked by their name.
func TestSearchForTheFormerAddressOfANamedAccount(t *testing.T) {
	besideApplication(t, "django", djangoUser, func(s *site) {
		members, err := newStaff(s.app.cfg, s.app.store)
		s.must(err)
		_, err = members.Add(s.Context(), staff.Operator(), staff.Newcomer{Name: "arno", Role: staff.Agent, Password: oldPassword, Again: oldPassword, NoTOTP: true})
		s.must(err)
		arno := s.browser()
		arno.staffLogin("arno", oldPassword, "").Is(http.StatusSeeOther)
		s.ask("ada")
		s.db.SQL(s.T, `UPDATE auth_user SET email = 'moved@example.org'`)
		for _, text := range []string{"ada@example.org", "Ada@Example.org", "ADA@EXAMPLE.ORG", "moved@example.org"} {
			arno.Get("/support?q=" + text).Is(http.StatusSeeOther).To("/support/accounts/7")
		}
		arno.Get("/support?q=other@example.org").Is(http.StatusOK).Says("No account is found by the address other@example.org, or had it")
		s.clock.Add(91 * 24 * time.Hour)
		arno = s.browser()
		arno.staffLogin("arno", oldPassword, "").Is(http.StatusSeeOther)
		arno.Get("/support?q=ada@example.org").Is(http.StatusOK).Says("No account is found by the address ada@example.org, or had it at the latest requests for it")
	}, byName)
}
