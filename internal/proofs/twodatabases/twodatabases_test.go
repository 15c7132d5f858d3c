package twodatabases

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
)

func TestResetOverHTTP(t *testing.T) {
	each(t, func(s *service) {
		s.ask()
		post := s.open(s.mail(1))
		post(newPassword).Is(http.StatusSeeOther)
		post(newPassword).Is(http.StatusSeeOther) // a double click
		if !s.signsIn(newPassword) {
			s.Error("the new password is not set")
		}
		s.wantText(s.Accounts, `SELECT count(*) FROM member_sessions`, "0")
		s.wantText(s.Record, `SELECT count(*) FROM password_resets WHERE used_at IS NOT NULL`, "1")
		s.wantText(s.Record, `SELECT count(*) FROM reset_claims`, "0")

		denial := s.mail(2)
		s.browser().Deny(denial).Is(http.StatusOK)
		if s.signsIn(newPassword) {
			s.Error("the password of the stranger works")
		}
		s.open(s.mail(3))("another walrus").Is(http.StatusSeeOther)
		if !s.signsIn("another walrus") {
			s.Error("the rescue link did not set a password")
		}
	})
}

// The application's database contains nothing of resetd.
func TestAccountsDatabaseHasNoTablesOfResetd(t *testing.T) {
	each(t, func(s *service) {
		s.ask()
		s.open(s.mail(1))(newPassword).Is(http.StatusSeeOther)
		schema := map[string]string{"mysql": "database()", "postgres": "current_schema()"}[s.Accounts.Name]
		s.wantText(s.Accounts, `SELECT count(*) FROM information_schema.tables WHERE table_schema = `+schema, "2")
	})
}

// While the accounts' database is unavailable, links can be requested, emails wait, and
// a link stays valid.
func TestOutageOfTheAccounts(t *testing.T) {
	each(t, func(s *service) {
		s.ask()
		post := s.open(s.mail(1))
		s.line.Cut()
		s.ask()
		post(newPassword).Is(http.StatusServiceUnavailable)
		s.browser().Get("/readyz").Is(http.StatusOK)
		if out := s.check(); !strings.Contains(out, "WRONG") || !strings.Contains(out, "RESETD_ACCOUNTS_DATABASE_URL") {
			s.Errorf("check prints\n%s", out)
		}
		s.eventually(s.Record, `SELECT count(*) FROM reset_deliveries WHERE last_reply LIKE '%looked up%'`, "1")
		s.line.Restore()
		s.Record.SQL(s.T, `UPDATE reset_deliveries SET next_attempt_at = created_at WHERE next_attempt_at IS NOT NULL`)
		s.mail(2)
		post(newPassword).Is(http.StatusSeeOther)
		if !s.signsIn(newPassword) {
			s.Error("the new password is not set")
		}
	})
}

// The page after a link asks while it can't know whether the account still has the password.
func TestCompletePageWhileTheAccountsAreAway(t *testing.T) {
	each(t, func(s *service) {
		s.ask()
		b := s.browser()
		next := b.Choose(b.OpenLink(s.mail(1)), newPassword, newPassword).Is(http.StatusSeeOther).Header.Get("Location")
		b.Get(next).Is(http.StatusOK).Says("Your new password is set")
		s.line.Cut()
		b.Get(next).Is(http.StatusOK).Says("Did you just choose a new password?")
		s.line.Restore()
		b.Get(next).Is(http.StatusOK).Says("Your new password is set")
	})
}

func TestSilentAccounts(t *testing.T) {
	each(t, func(s *service) {
		s.ask()
		post := s.open(s.mail(1))
		s.line.Freeze()
		post(newPassword).Is(http.StatusServiceUnavailable)
		s.line.Thaw()
		s.eventually(s.Record, `SELECT count(*) FROM reset_claims`, "0")
		post(newPassword).Is(http.StatusSeeOther)
	})
}

// The program starts while the accounts' database is unavailable.
func TestStartWithoutTheAccounts(t *testing.T) {
	each(t, func(s *service) {
		s.at.Kill()
		s.line.Cut()
		var err error
		s.at, err = instance.Start(s.Context(), binary, s.env, "serve")
		s.must(err)
		s.browser().Get("/readyz").Is(http.StatusOK)
		s.ask()
	})
}

func TestCheckTriesTheAccounts(t *testing.T) {
	each(t, func(s *service) {
		before := s.Accounts.Text(s.T, `SELECT password_hash FROM members`)
		out := s.check()
		product := map[string]string{"mysql": "MariaDB 10.", "postgres": "PostgreSQL 1"}[s.Accounts.Name]
		for _, want := range []string{product, "find, get, set_password and after_reset work (tried with one of the accounts, and rolled back)"} {
			if !strings.Contains(out, want) {
				s.Errorf("%q is missing in\n%s", want, out)
			}
		}
		s.wantText(s.Accounts, `SELECT password_hash FROM members`, before)
		s.wantText(s.Accounts, `SELECT changes FROM members`, "0")
		s.wantText(s.Accounts, `SELECT count(*) FROM member_sessions`, "1")
	})
}

// A table without transactions would keep what a check or a failed reset did to it.
func TestTableWithoutTransactionsIsNotTried(t *testing.T) {
	each(t, func(s *service) {
		if s.Accounts.Name != "mysql" {
			return
		}
		s.Accounts.SQL(s.T, `ALTER TABLE members ENGINE=MyISAM`)
		if out := s.check(); !strings.Contains(out, "the table members has no transactions; run ALTER TABLE `members` ENGINE=InnoDB") {
			s.Errorf("check prints\n%s", out)
		}
		s.wantText(s.Accounts, `SELECT changes FROM members`, "0")
		if !s.signsIn(testkit.Password) {
			s.Error("the check changed the password")
		}
	})
}

// The printed grants must be sufficient for a whole reset.
func TestGrantsAreSufficient(t *testing.T) {
	each(t, func(s *service) {
		role := "resetd_" + strings.ToLower(rand.Text()[:10])
		script, create := s.check("--grants", role), "CREATE USER `"+role+"` IDENTIFIED BY 'secret'"
		if s.Accounts.Name == "postgres" {
			create = "ALTER ROLE " + role + " PASSWORD 'secret'"
			script, create = create, script // the script creates the role
		}
		s.Accounts.SQL(s.T, create, script)
		s.at.Kill()
		at, err := url.Parse(s.line.URL)
		s.must(err)
		at.User = url.UserPassword(role, "secret")
		s.env["RESETD_ACCOUNTS_DATABASE_URL"] = at.String()
		if out := s.check(); !strings.Contains(out, "work (tried with one of the accounts") {
			s.Fatalf("check prints\n%s", out)
		}
		s.at, err = instance.Start(s.Context(), binary, s.env, "serve")
		s.must(err)
		s.ask()
		s.open(s.mail(1))(newPassword).Is(http.StatusSeeOther)
		if !s.signsIn(newPassword) {
			s.Error("the new password is not set")
		}
		if s.Accounts.Name == "postgres" {
			s.at.Kill()
			s.Accounts.SQL(s.T, "DROP OWNED BY "+role)
			s.must(testkit.DropRole(role))
		}
	})
}
