package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// The batch that settles emails locks them in another order than the renewal of their
// leases, which would be a deadlock. On SQLite, all writes come one after the other.
func TestRenewalDoesNotWaitForSettledMails(t *testing.T) {
	now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	s := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}.Open(t)
	for range 2 {
		r := testkit.Reset(now, "7")
		must(t, s.Insert(t.Context(), r, testkit.Delivery(now, r)))
	}
	held, err := s.Lease(t.Context(), reset.AllDue, now, now.Add(time.Minute), 2)
	if err != nil || len(held) != 2 {
		t.Fatalf("leased %v, %v", held, err)
	}
	settled := held[0]
	settled.SentAt, settled.NextAttemptAt = now, time.Time{}
	err = s.InTx(t.Context(), func(tx reset.Tx) error {
		if err := tx.Settle(t.Context(), reset.Attempt{Delivery: settled}); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		return s.Renew(ctx, held, now.Add(time.Hour))
	})
	must(t, err)
	if due, err := s.Lease(t.Context(), reset.AllDue, now.Add(59*time.Minute), now.Add(2*time.Hour), 2); err != nil || len(due) != 0 {
		t.Errorf("due before the end of the lease: %v, %v", due, err)
	}
	if due, err := s.Lease(t.Context(), reset.AllDue, now.Add(time.Hour), now.Add(2*time.Hour), 2); err != nil || len(due) != 1 || due[0].ID != held[1].ID {
		t.Errorf("due at the end of the lease: %v, %v; want the email that was not settled", due, err)
	}
}

// Statistics that were made while nothing was due must not make a renewal read all that is
// due since.
func TestRenewalLooksUpItsRows(t *testing.T) {
	s := testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}.Open(t)
	db, now := s.Pool().SQL(), time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	for range 300 {
		d := testkit.Delivery(now, testkit.Reset(now, "7"))
		d.ResetID, d.Kind, d.NextAttemptAt = reset.ID{}, reset.KindPasswordChanged, time.Time{}
		must(t, s.Queue(t.Context(), d))
	}
	_, err := db.ExecContext(t.Context(), `ANALYZE`)
	must(t, err)
	const n = 256
	rows, err := db.QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+store.ChangeDue(s.Dialect, n, ""), make([]any, 1+2*n)...)
	must(t, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, parent, unused int
		var step string
		must(t, rows.Scan(&id, &parent, &unused, &step))
		if strings.Contains(step, "reset_deliveries_due") || strings.Contains(step, "SCAN reset_deliveries") {
			t.Errorf("the plan has %q", step)
		}
	}
	must(t, rows.Err())
}
