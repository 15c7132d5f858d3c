package testkit

import (
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// Resets returns the resets that match at a time, newest first.
func Resets(tb testing.TB, record history.Store, f history.Filter, now time.Time) (found []reset.Reset) {
	tb.Helper()
	err := record.Each(tb.Context(), history.Search{Filter: f, Now: now}, func(r reset.Reset) error {
		found = append(found, r)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}
