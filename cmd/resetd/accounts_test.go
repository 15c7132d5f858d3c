package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"resetd/internal/config"
	"resetd/internal/password"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// besideApplication runs a test on a site with the accounts of an application, on both
// databases.
func besideApplication(t *testing.T, preset, rows string, test func(s *site), settings ...setting) {
	t.Helper()
	settings = append(settings, func(s *config.Settings, _ *config.Secrets) {
		s.Accounts, s.LoginURL = preset, "https://www.example.org/login"
	})
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "app.db") },
		"postgres": testkit.EmptyPostgres,
	} {
		t.Run(name, func(t *testing.T) {
			db := testkit.Database{Name: name, URL: url(t)}
			tables, err := os.ReadFile("../../internal/accounts/testdata/" + preset + "." + name + ".sql")
			if err != nil {
				t.Fatal(err)
			}
			db.SQL(t, string(tables), rows)
			s := newSite(t, db, settings...)
			s.must(s.app.prepareDatabase(t.Context(), true))
			test(s.work())
		})
	}
}

const djangoUser = `
	INSERT INTO auth_user (id, username, email, password, is_active, is_superuser, is_staff, first_name, last_name, date_joined) VALUES
	(7, 'ada', 'Ada@Example.org', 'pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$vCQyOKhJMeHrAq/Jp9PZg/RZQVNZTIrIMhPHW5hLkEU=', true, false, false, '', '', '2026-01-01')`

func TestResetOfADjangoAccount(t *testing.T) {
	besideApplication(t, "django", djangoUser, func(s *site) {
		link := s.ask("ada@example.org")
		if to := s.mails()[0].To; len(to) != 1 || to[0] != "Ada@Example.org" {
			s.Errorf("the email went to %q", to)
		}
		b := s.browser()
		b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
		hash := s.db.Text(s.T, `SELECT password FROM auth_user WHERE id = 7`)
		right, err := s.app.hasher.Verify(s.Context(), password.ForReset, hash, newPassword)
		if err != nil || !right || !strings.HasPrefix(hash, "pbkdf2_sha256$600000$") {
			s.Errorf("got %s, %v", hash, err)
		}
		b.Get("/password-reset/complete").Is(http.StatusOK).Has(`a[href="https://www.example.org/login"]`, 1).Shows("main", "were signed out")
	})
}

// Sessions of Flask continue unless the application was changed. So pages and emails
// must not say that they end.
func TestSessionsThatMayContinueAreNotCalledEnded(t *testing.T) {
	const user = `INSERT INTO "user" (id, username, email, password) VALUES (7, 'ada', 'ada@example.org', '$2b$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu')`
	besideApplication(t, "flask-bcrypt", user, func(s *site) {
		b := s.browser()
		b.Choose(b.OpenLink(s.ask("ada@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		told := []string{b.Get("/password-reset/complete").Is(http.StatusOK).Says("confirms the change", "may still be").Body}
		notice := s.mails()[1]
		link := s.notMeIn(notice)
		told = append(told, notice.Text(s), b.Get(link).Is(http.StatusOK).Body, b.Deny(link).Is(http.StatusOK).Says("no longer works", "may still be").Body, s.last().Text(s))
		for _, text := range told {
			if strings.Contains(text, "signed out") {
				s.Errorf("a text says that sessions end:\n%s", text)
			}
		}
	})
}

// The application has the accounts, so resetd must have no sign-in and no sign-up.
func TestApplicationAccountsDisableBuiltinPages(t *testing.T) {
	besideApplication(t, "django", djangoUser, func(s *site) {
		b := s.browser()
		for _, path := range []string{"/login", "/signup", "/password-change"} {
			b.Get(path).Is(http.StatusNotFound)
			b.Post(path, "email", "ada@example.org", "password", wonderland).Is(http.StatusNotFound)
		}
		b.Post("/logout").Is(http.StatusNotFound)
		b.Get("/").Is(http.StatusSeeOther).To("/password-reset")
		b.Get("/.well-known/change-password").Is(http.StatusSeeOther).To("/password-reset")
		if err := s.db.TrySQL(s.T, `SELECT 1 FROM users`); err == nil {
			s.Error("there is a table users")
		}
	})
}

const wonderland = "wonderland"

const laravelUser = `INSERT INTO users (id, name, email, password) VALUES (1, 'Ada', 'ada@example.org', '$2y$10$abcdefghijklmnopqrstuu5l2mO2YzyEsHJLgg3Urz7twlBz7iAAK')`

// The form refuses a password that bcrypt would cut off, and the link stays alive.
func TestFormRefusesPasswordsTooLongForBcrypt(t *testing.T) {
	besideApplication(t, "laravel", laravelUser, func(s *site) {
		b := s.browser()
		form := b.OpenLink(s.ask("ada@example.org"))
		long := "otter " + strings.Repeat("\u00e4", 34) // 40 characters in 74 bytes
		refused := b.Choose(form, long, long).Is(http.StatusUnprocessableEntity)
		if text := refused.Find(`[role="alert"]`).Text(); !strings.Contains(text, "at most 72 characters") {
			s.Errorf("the form contains: %q", text)
		}
		b.Choose(form, long[:72], long[:72]).Is(http.StatusSeeOther)
		if hash := s.db.Text(s.T, `SELECT password FROM users`); !strings.HasPrefix(hash, "$2y$10$") {
			s.Errorf("got %s", hash)
		}
	})
}

// resetd stores the passwords of staff itself, even if the accounts belong to an
// application: a one-time link, a change and the command line use no format of theirs.
func TestStaffPasswordsUseOurOwnScheme(t *testing.T) {
	pepper := func(_ *config.Settings, secrets *config.Secrets) { secrets.Pepper = "salt-and-pepper" }
	for preset, c := range map[string]struct {
		user     string
		settings []setting
	}{"laravel": {laravelUser, nil}, "django": {djangoUser, nil}, "devise": {deviseUser, []setting{pepper}}} {
		t.Run(preset, func(t *testing.T) {
			besideApplication(t, preset, c.user, func(s *site) {
				commands, err := newStaff(s.app.cfg, s.app.store)
				s.must(err)
				_, err = commands.Add(s.Context(), staff.Operator(), staff.Newcomer{Name: "agent", Role: staff.Agent, Password: newPassword, Again: newPassword})
				s.must(err)
				path, arno := s.invited(s.member("ada", staff.Admin), "arno", staff.Agent), s.browser()
				form := arno.Get(path).Is(http.StatusOK)
				code, secret := s.codeOn(form)
				arno.join(path, newPassword, newPassword, form.Field("setup"), code).Is(http.StatusSeeOther)
				s.clock.Add(time.Minute)
				code, err = totp.GenerateCode(secret, s.clock.Now())
				s.must(err)
				arno.staffLogin("arno", newPassword, code).Is(http.StatusSeeOther).To("/support")
				s.clock.Add(time.Minute)
				code, err = totp.GenerateCode(secret, s.clock.Now())
				s.must(err)
				const long = "an otter in the attic and a walrus on a bicycle, both reading the same long letter" // longer than bcrypt allows
				arno.Post("/support/me/password", "old_password", newPassword, "new_password", long, "confirm_password", long, "present_code", code).Is(http.StatusSeeOther)
				s.stored(`SELECT count(*) FROM reset_staff WHERE password_hash NOT LIKE '$argon2id$%'`, "0")
			}, c.settings...)
		})
	}
}

const deviseUser = `INSERT INTO users (id, email, encrypted_password, created_at, updated_at) VALUES (1, 'ada@example.org', '$2a$10$abcdefghijklmnopqrstuu5l2mO2YzyEsHJLgg3Urz7twlBz7iAAK', '2026-01-01', '2026-01-01')`

func TestDevisePepperIsHashedAndNeverLogged(t *testing.T) {
	const pepper = "salt-and-pepper"
	besideApplication(t, "devise", deviseUser, func(s *site) {
		b := s.browser()
		b.Choose(b.OpenLink(s.ask("ada@example.org")), newPassword, newPassword).Is(http.StatusSeeOther)
		hash := s.db.Text(s.T, `SELECT encrypted_password FROM users`)
		bare := s.app.hasher.Own() // without the pepper
		right, err := bare.Verify(s.Context(), password.ForReset, hash, newPassword+pepper)
		if err != nil || !right || !strings.HasPrefix(hash, "$2a$12$") {
			s.Errorf("%s is not the hash of password and pepper: %v", hash, err)
		}
		if strings.Contains(s.log.String(), pepper) {
			s.Error("the pepper is in the log")
		}
	}, func(_ *config.Settings, secrets *config.Secrets) { secrets.Pepper = pepper })
}
