package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

func addCheck(t *testing.T, f Fixture, at time.Time) reset.Check {
	t.Helper()
	c := reset.Check{ID: uuid.New(), UserID: "7", AskedBy: "staff:arno", AskedAt: at, ExpiresAt: at.Add(reset.CheckLifetime)}
	must(t, f.Store.InTx(t.Context(), func(tx reset.Tx) error { return tx.AddCheck(t.Context(), c) }))
	return c
}

// However many codes are typed at the same time, three are compared.
func threeCodes(t *testing.T, f Fixture) {
	c := addCheck(t, f, now)
	var taken atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if f.Store.TryCode(t.Context(), c.ID, false, now, "staff:arno") == nil {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	same(t, taken.Load(), int32(reset.CheckTries))
	wantError(t, f.Store.TryCode(t.Context(), c.ID, true, now, "staff:arno"), reset.ErrNotFound)
	got, err := f.Store.LatestCheck(t.Context(), "7")
	must(t, err)
	c.Tries = reset.CheckTries
	same(t, got, c)
}

func rightCodeEnds(t *testing.T, f Fixture) {
	late := addCheck(t, f, now)
	wantError(t, f.Store.TryCode(t.Context(), late.ID, true, late.ExpiresAt, "staff:arno"), reset.ErrNotFound)
	c := addCheck(t, f, now.Add(time.Second))
	must(t, f.Store.TryCode(t.Context(), c.ID, true, now.Add(time.Minute), "staff:vera"))
	c.Tries, c.PassedAt, c.PassedBy = 1, now.Add(time.Minute), "staff:vera"
	got, err := f.Store.LatestCheck(t.Context(), "7")
	must(t, err)
	same(t, got, c)
	wantError(t, f.Store.TryCode(t.Context(), c.ID, false, now.Add(time.Minute), "staff:arno"), reset.ErrNotFound)
}

func newCheckEnds(t *testing.T, f Fixture) {
	first := addCheck(t, f, now)
	addCheck(t, f, now.Add(time.Minute))
	wantError(t, f.Store.TryCode(t.Context(), first.ID, true, now.Add(time.Minute), "staff:arno"), reset.ErrNotFound)
	_, err := f.Store.LatestCheck(t.Context(), "8")
	wantError(t, err, reset.ErrNotFound)
}
