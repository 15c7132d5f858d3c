package store_test

import (
	"fmt"
	"testing"

	"resetd/internal/reset"
	"resetd/internal/testkit"
	"resetd/internal/testkit/storetest"
)

func TestConformance(t *testing.T) {
	for name, database := range map[string]func(*testing.T) string{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) storetest.Fixture {
				s := testkit.Database{Name: name, URL: database(t)}.Open(t)
				return storetest.Fixture{
					Store:    s,
					Add:      func(email, hash string) reset.Account { return testkit.AddUser(t, s, email, hash) },
					Counters: s,
				}
			})
		})
	}
}

// The accounts may be in another database, on MariaDB too.
func TestDirectoryConformance(t *testing.T) {
	testkit.EachPair(t, func(t *testing.T, a testkit.Pair) {
		storetest.RunDirectory(t, func(t *testing.T) storetest.Fixture {
			a.Accounts.SQL(t, `DELETE FROM members`)
			n := 0
			return storetest.Fixture{Store: a.Open(t), Add: func(email, hash string) reset.Account {
				n++
				a.Accounts.SQL(t, fmt.Sprintf(`INSERT INTO members VALUES (%d, '%s', 'Example User', '%s', true, 0, NULL)`, n, email, hash))
				return reset.Account{ID: fmt.Sprint(n), Email: email, Name: "Example User", PasswordHash: hash, Active: true}
			}}
		})
	})
}
