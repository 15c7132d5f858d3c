package store_test

import (
	"sync"
	"testing"
	"time"

	"resetd/internal/limit"
	"resetd/internal/testkit"
)

func TestCountersCountEveryCharge(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		now := testkit.NewClock().Now()
		charge := func(at time.Time) map[string]int {
			t.Helper()
			counts, err := s.Charge(t.Context(), at, []limit.Charge{{Key: "a", N: 1, EndsAt: at.Add(time.Minute)}, {Key: "b", N: 1, EndsAt: at.Add(time.Hour)}})
			if err != nil {
				t.Error(err)
			}
			got := map[string]int{}
			for _, c := range counts {
				got[c.Key] = c.Count
			}
			return got
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 10 {
					charge(now)
				}
			})
		}
		wg.Wait()
		if got := charge(now); got["a"] != 81 || got["b"] != 81 {
			t.Errorf("after 81 charges: got %v", got)
		}
		if err := s.Refund(t.Context(), now, []string{"a"}); err != nil {
			t.Error(err)
		}
		if got := charge(now); got["a"] != 81 || got["b"] != 82 {
			t.Errorf("after a refund of a: got %v, want 81 and 82", got)
		}
		if got := charge(now.Add(time.Minute)); got["a"] != 1 || got["b"] != 83 {
			t.Errorf("after the window of a: got %v, want 1 and 83", got)
		}
		if err := s.DeleteEndedLimits(t.Context(), now.Add(2*time.Minute)); err != nil {
			t.Error(err)
		}
		if n := db.Text(t, `SELECT count(*) FROM reset_limits`); n != "1" {
			t.Errorf("%s counters are left, want only the running one", n)
		}
	})
}
