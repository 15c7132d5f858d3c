package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// djangoWith returns settings for Django with another statement after a reset.
func djangoWith(t *testing.T, after string) setting {
	t.Helper()
	var text strings.Builder
	var shown strings.Builder
	if status := run(t.Context(), []string{"accounts", "show", "django"}, func(string) string { return "" }, nil, &shown, &text); status != 0 {
		t.Fatal(text.String())
	}
	file := filepath.Join(t.TempDir(), "accounts.toml")
	whole := strings.Replace(shown.String(), "after_reset = []", fmt.Sprintf("after_reset = [%q, %q]", "UPDATE auth_user SET last_login = NULL WHERE id = $1", after), 1)
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(vars *config.Settings, _ *config.Secrets) { vars.Accounts = file }
}

// The application may change a table while resetd runs. Then a use must be rolled
// back, the link must stay alive, and the log must name the statement and the reason.
// /readyz must not.
func TestFailingStatementKeepsTheLinkAlive(t *testing.T) {
	for name, c := range map[string]struct{ breaks, mends, want string }{
		"get":                      {`ALTER TABLE auth_user RENAME COLUMN email TO mail`, `ALTER TABLE auth_user RENAME COLUMN mail TO email`, "email"},
		"after_reset, statement 2": {`ALTER TABLE tokens RENAME TO hidden`, `ALTER TABLE hidden RENAME TO tokens`, "tokens"},
	} {
		t.Run(name, func(t *testing.T) {
			eachDjango(t, func(t *testing.T, db testkit.Database) {
				db.SQL(t, `CREATE TABLE tokens (user_id bigint)`)
				s := djangoSite(t, db, djangoWith(t, "DELETE FROM tokens WHERE user_id = $1"))
				b := s.browser()
				form := b.OpenLink(s.ask("user@example.org"))
				s.ready(true)
				db.SQL(t, c.breaks)
				failed := b.Choose(form, newPassword, newPassword).Is(http.StatusServiceUnavailable)
				if text := failed.Find("main").Text(); !strings.Contains(text, "password was not changed") || !strings.Contains(text, "try again in a minute") || failed.Header.Get("Retry-After") != "60" {
					t.Errorf("the page contains %q, Retry-After is %s", text, failed.Header.Get("Retry-After"))
				}
				if db.Text(t, `SELECT password FROM auth_user`) != wonderlandHash || db.Text(t, `SELECT count(used_at) FROM password_resets`) != "0" {
					t.Error("the use was not rolled back")
				}
				s.ready(false)
				if text := s.log.String(); !strings.Contains(text, "accounts: "+name+": ") || !strings.Contains(text, c.want) || strings.Contains(text, "user@example.org") {
					t.Errorf("the log: got %s", text)
				}
				db.SQL(t, c.mends)
				s.ready(true)
				b.Choose(form, newPassword, newPassword).To("/password-reset/complete")
			})
		})
	}
}

func TestFailingFindIsReported(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		s := djangoSite(t, db)
		db.SQL(t, `ALTER TABLE auth_user RENAME TO elsewhere`)
		s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther) // nothing is looked up
		s.eventually("the worker has tried", func() bool {
			return strings.HasPrefix(db.Text(t, `SELECT max(last_reply) FROM reset_deliveries`), "the account can't be looked up")
		})
		s.ready(false)
		if text := s.log.String(); !strings.Contains(text, "accounts: find: ") || !strings.Contains(text, "auth_user") {
			t.Errorf("the log: got %s", text)
		}
		db.SQL(t, `ALTER TABLE elsewhere RENAME TO auth_user`)
		s.ready(true)
	})
}

// Requests are accepted while the accounts can't be read, staff see why they wait, and
// the emails go out afterwards, unless the link has expired by then.
func TestAccountsThatAreUnavailableForAnHour(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.db.SQL(s.T, `ALTER TABLE users RENAME TO elsewhere`)
		s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		waits := func() string {
			return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE last_reply LIKE 'the account can''t be looked up%' AND next_attempt_at IS NOT NULL`)
		}
		s.eventually("the lookup has failed", func() bool { return waits() == "1" })
		s.clock.Add(time.Hour)
		s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		s.eventually("both lookups have failed", func() bool { return waits() == "2" })
		if n := len(s.sink.Messages()); n != 0 {
			s.Errorf("%d emails, want none", n)
		}
		s.clock.Add(30 * time.Minute) // the first link would have expired
		s.db.SQL(s.T, `ALTER TABLE elsewhere RENAME TO users`)
		if mails := s.mails(); len(mails) != 1 {
			s.Fatalf("%d emails, want one for the second request", len(mails))
		}
		s.browser().OpenLink(s.linkIn(s.sink.Messages()[0]))
		rows := s.resets()
		if len(rows) != 2 || rows[1].Withheld != reset.WithheldUnmatched || rows[0].Mail != reset.MailAccepted {
			s.Errorf("got %+v, want an email for the newer and the older unmatched", rows)
		}
	}, func(v *config.Settings, _ *config.Secrets) { v.LinkLifetime = "80m" })
}

// If a statement fails only with the values of one account, /readyz must stay ok. The
// log must report the failure without the values.
func TestLogReportsAFailureWithOneAccount(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		for name, c := range refusals[db.Name] {
			t.Run(name, func(t *testing.T) {
				s := djangoSite(t, db)
				b := s.browser()
				form := b.OpenLink(s.ask("user@example.org"))
				db.SQL(t, c.refuse...)
				b.Choose(form, newPassword, newPassword).Is(http.StatusServiceUnavailable)
				remark := func() bool {
					return strings.Contains(s.log.String(), `"ready":true,"reason":"accounts: set_password: `)
				}
				s.eventually("the log has the remark", remark)
				s.ready(true)
				if !strings.Contains(strings.ReplaceAll(s.log.String(), `\"`, `"`), c.want) {
					t.Errorf("the log contains %s", s.log.String())
				}
				for where, text := range map[string]string{"the log": s.log.String(), "the check": checked(t, djangoEnv(db.URL)...).out} {
					if strings.Contains(text, "pbkdf2_") || strings.Contains(text, "user@example.org") {
						t.Errorf("%s: got %q", where, text)
					}
				}
				db.SQL(t, c.allow)
				b.Choose(form, newPassword, newPassword).To("/password-reset/complete")
				db.SQL(t, `UPDATE auth_user SET password = '`+wonderlandHash+`'`)
			})
		}
	})
}

// A reset that leaves the account without the new password, or unable to sign in, must
// not be reported as complete. The log has the reason.
func TestLogReportsAPasswordThatIsNotSet(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		for change, want := range map[string]string{
			`password = substr(password, 1, 60)`: "accounts: get after set_password: the new password does not match",
			`is_active = false`:                  "accounts: get after set_password: the account is not active",
		} {
			t.Run(change, func(t *testing.T) { // each ends its service, which would take the emails of the next one
				s := djangoSite(t, db)
				b := s.browser()
				form := b.OpenLink(s.ask("user@example.org"))
				spoil, allow := []string{`CREATE TRIGGER refuse AFTER UPDATE OF password ON auth_user BEGIN UPDATE auth_user SET ` + change + ` WHERE id = NEW.id; END`}, `DROP TRIGGER refuse`
				if db.Name == "postgres" {
					spoil, allow = onUpdate("NEW."+strings.Replace(change, "(password", "(NEW.password", 1)+";"), `DROP FUNCTION refuse CASCADE`
				}
				db.SQL(t, spoil...)
				failed := b.Choose(form, newPassword, newPassword).Is(http.StatusServiceUnavailable)
				if text := failed.Find("main").Text(); !strings.Contains(text, "Your password was not changed") {
					t.Errorf("the page contains %q", text)
				}
				s.eventually("the log has the reason", func() bool { return strings.Contains(s.log.String(), want) })
				if text := s.log.String(); strings.Contains(text, "pbkdf2_") || strings.Contains(text, "user@example.org") {
					t.Errorf("the log contains %s", text)
				}
				if got := db.Text(t, `SELECT password FROM auth_user`); got != wonderlandHash {
					t.Errorf("got %s", got)
				}
				db.SQL(t, allow)
				b.Choose(form, newPassword, newPassword).To("/password-reset/complete")
				db.SQL(t, `UPDATE auth_user SET password = '`+wonderlandHash+`'`)
			})
		}
	})
}

// Only resetd check reads the statement sample.
func TestFailingSampleDoesNotAffectReadyz(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		file := accountsFile(t, "FROM auth_user LIMIT 1000", "FROM gone LIMIT 1000")
		s := djangoSite(t, db, func(vars *config.Settings, _ *config.Secrets) { vars.Accounts = file })
		b := s.browser()
		form := b.OpenLink(s.ask("user@example.org"))
		db.SQL(t, refusals[db.Name]["a trigger"].refuse...)
		b.Choose(form, newPassword, newPassword).Is(http.StatusServiceUnavailable)
		s.eventually("the log has the remark", func() bool {
			return strings.Contains(s.log.String(), `"ready":true,"reason":"accounts: set_password: `)
		})
		s.ready(true)
	})
}

type refusal struct {
	refuse      []string
	allow, want string
}

// refusals are the ways in which the application's database refuses a statement. A
// trigger runs only for existing rows, and its message can be any text.
var refusals = map[string]map[string]refusal{
	"sqlite": {
		"a trigger": {[]string{`CREATE TRIGGER refuse BEFORE UPDATE ON auth_user BEGIN SELECT RAISE(ABORT, 'no, ' || NEW.email); END`}, `DROP TRIGGER refuse`, "SQLITE_CONSTRAINT_TRIGGER"},
	},
	"postgres": {
		"a constraint": {[]string{`ALTER TABLE auth_user ADD CONSTRAINT short CHECK (length(password) < 10) NOT VALID`}, `ALTER TABLE auth_user DROP CONSTRAINT short`, "short"},
		"a trigger": {
			onUpdate(`RAISE insufficient_privilege USING MESSAGE = 'no, ' || NEW.email;`), `DROP FUNCTION refuse CASCADE`, "insufficient privilege (SQLSTATE 42501)",
		},
		"a trigger that fails": {onUpdate(`INSERT INTO gone VALUES (NEW.email);`), `DROP FUNCTION refuse CASCADE`, `relation "gone" does not exist`},
	},
}

func onUpdate(does string) []string {
	return []string{
		`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ` + does + ` RETURN NEW; END $$`,
		`CREATE TRIGGER refuse BEFORE UPDATE ON auth_user FOR EACH ROW EXECUTE FUNCTION refuse()`,
	}
}
