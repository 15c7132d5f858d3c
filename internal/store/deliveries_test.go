package store_test

import (
	"context"
	"testing"
	"time"

	"resetd/internal/reset"
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
		if err := tx.Settle(t.Context(), settled); err != nil {
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
