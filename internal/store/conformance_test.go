package store_test

import (
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
