package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// differing counts the addresses that stand not in their table as the resets say.
const differing = `
	SELECT count(*) FROM (SELECT email, max(created_at) AS newest, min(created_at) AS oldest FROM password_resets GROUP BY email) AS r
	FULL JOIN reset_addresses a ON address = email
	WHERE address IS NULL OR email IS NULL OR a.newest <> r.newest OR a.oldest > r.oldest`

func onPostgres(t *testing.T) testkit.Database {
	t.Helper()
	return testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
}

type inserter interface {
	Insert(context.Context, reset.Reset, reset.Delivery) error
}

func ask(t *testing.T, s inserter, at time.Time, email string) reset.ID {
	t.Helper()
	r := testkit.Reset(at, "7", func(r *reset.Reset) { r.Email = email })
	if err := s.Insert(t.Context(), r, testkit.Delivery(at, r)); err != nil {
		t.Error(err)
	}
	return r.ID
}

func TestAddressesAreThoseOfTheResets(t *testing.T) {
	db := onPostgres(t)
	s := db.Open(t)
	now := testkit.NewClock().Now()
	for i := range 30 {
		ask(t, s, now.Add(-time.Duration(i)*time.Hour), fmt.Sprintf("a%d@example.org", i%7))
	}
	for _, change := range []string{
		`SELECT 1`,
		`DELETE FROM password_resets WHERE created_at < (SELECT max(created_at) - interval '25 hours' FROM password_resets)`,
		`DELETE FROM password_resets WHERE email = 'a3@example.org'`,
		`DELETE FROM password_resets WHERE created_at = (SELECT max(created_at) FROM password_resets)`,
		`UPDATE password_resets SET email = 'removed-' || id || '@example.org' WHERE email IN ('a1@example.org', 'a2@example.org')`,
		`UPDATE password_resets SET created_at = created_at - interval '1 day'`,
		`DELETE FROM password_resets`,
	} {
		db.SQL(t, change)
		if n := db.Text(t, differing); n != "0" {
			t.Errorf("%s: %s addresses are not as the resets say", change, n)
		}
	}
}

// The last reset of an address is removed while somebody asks for another one.
func TestAnAddressOutlivesItsLastReset(t *testing.T) {
	for name, age := range map[string]time.Duration{"newer": 0, "of a clock that was set back": time.Hour} {
		t.Run(name, func(t *testing.T) {
			db := onPostgres(t)
			s := db.Open(t)
			now := testkit.NewClock().Now()
			first := ask(t, s, now.Add(-time.Minute), "a@example.org")
			removed := make(chan error, 1)
			err := s.InTx(t.Context(), func(tx reset.Tx) error {
				ask(t, tx, now.Add(-age), "a@example.org")
				go func() {
					removed <- db.TrySQL(t, `DELETE FROM password_resets WHERE id = '`+first.String()+`'`)
				}()
				waitFor(t, db, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'DELETE%'`)
				return nil
			})
			if err := errors.Join(err, <-removed); err != nil {
				t.Fatal(err)
			}
			if n := db.Text(t, differing); n != "0" {
				t.Error("the address is not as its reset says")
			}
		})
	}
}

func waitFor(t *testing.T, db testkit.Database, count string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); db.Text(t, count) == "0"; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Error("waited in vain for ", count)
			return
		}
	}
}
