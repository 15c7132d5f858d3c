package testkit

import (
	"testing"

	"resetd/internal/accounts"
	"resetd/internal/store"
)

// Pair is a record and an application's accounts in two databases.
type Pair struct {
	Record, Accounts Database
}

// ApplicationAccounts describes the accounts of the application: statements that every database
// understands.
const ApplicationAccounts = `
	hash         = "bcrypt"
	hash_cost    = 10
	prepare      = "none"
	find         = "SELECT id, email, name, password_hash, active FROM members WHERE lower(email) IN (lower($1), $2, $3)"
	get          = "SELECT id, email, name, password_hash, active FROM members WHERE id = $1"
	set_password = "UPDATE members SET password_hash = $2 WHERE id = $1 AND password_hash = $3"
	after_reset  = ["DELETE FROM member_sessions WHERE member_id = $1", "UPDATE members SET changes = changes + 1, changed_at = {now} WHERE id = $1"]
	sample       = "SELECT id, email, name, password_hash, active FROM members LIMIT 1000"
	ends_sessions = true
	grants       = [
		"SELECT (id, email, name, password_hash, active, changes) ON members", "UPDATE (password_hash, changes, changed_at) ON members",
		"SELECT (member_id) ON member_sessions", "DELETE ON member_sessions",
	]`

// EachPair runs a test with both databases of the record and those that an application
// may have, in parallel, because much of the time is waiting. Account 1 is user@example.org with Password and one session.
func EachPair(t *testing.T, test func(t *testing.T, p Pair)) {
	t.Helper()
	for name, database := range map[string]func(*testing.T) Pair{
		"sqlite and mariadb": func(t *testing.T) Pair { return Pair{Database{"sqlite", SQLite(t)}, Database{"mysql", MariaDB(t)}} },
		"postgres and mariadb": func(t *testing.T) Pair {
			return Pair{Database{"postgres", Postgres(t)}, Database{"mysql", MariaDB(t)}}
		},
		"sqlite and postgres": func(t *testing.T) Pair {
			return Pair{Database{"sqlite", SQLite(t)}, Database{"postgres", EmptyPostgres(t)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := database(t)
			p.Accounts.SQL(t, `CREATE TABLE members (id integer NOT NULL PRIMARY KEY, email varchar(255) NOT NULL, name varchar(255) NOT NULL,
					password_hash varchar(255) NOT NULL, active boolean NOT NULL, changes integer NOT NULL, changed_at timestamp NULL)`,
				`CREATE TABLE member_sessions (id integer NOT NULL PRIMARY KEY, member_id integer NOT NULL)`,
				`INSERT INTO members VALUES (1, 'user@example.org', 'Example User', '`+PasswordHash+`', true, 0, NULL)`,
				`INSERT INTO member_sessions VALUES (1, 1)`)
			test(t, p)
		})
	}
}

// Open opens both databases.
func (p Pair) Open(t *testing.T) *store.Store {
	t.Helper()
	directory, err := accounts.Parse([]byte(ApplicationAccounts))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.OpenWithAccounts(p.Record.URL, p.Accounts.URL, directory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}
