package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"resetd/internal/limit"
	"resetd/internal/reset"
)

func countUp(t *testing.T, f Fixture) {
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_, err := f.Store.CountUp(t.Context(), "a", now, now.Add(time.Hour))
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, c := range []struct {
		key   string
		after time.Duration
		want  int
	}{{"a", time.Hour - time.Microsecond, 21}, {"b", 0, 1}, {"a", time.Hour, 1}, {"a", time.Hour, 2}} {
		n, err := f.Store.CountUp(t.Context(), c.key, now.Add(c.after), now.Add(c.after+time.Hour))
		must(t, err)
		if n != c.want {
			t.Errorf("%s after %s: got %d, want %d", c.key, c.after, n, c.want)
		}
	}
	failure := errors.New("no")
	wantError(t, f.Store.InTx(t.Context(), func(tx reset.Tx) error {
		_, err := tx.CountUp(t.Context(), "b", now, now.Add(time.Hour))
		return errors.Join(failure, err)
	}), failure)
	n, err := f.Store.CountUp(t.Context(), "b", now, now.Add(time.Hour))
	must(t, err)
	same(t, n, 2) // the transaction was rolled back
}

func clearSignIns(t *testing.T, f Fixture) {
	failures := func(owner string) int {
		counts, err := f.Counters.CountsOf(t.Context(), now, owner, "")
		must(t, err)
		return len(counts)
	}
	for key, owner := range map[string]string{"a 1": "a", "a 2": "a", "b": "b", "link": ""} {
		_, err := f.Counters.Charge(t.Context(), now, []limit.Charge{{Key: key, N: 1, EndsAt: now.Add(time.Hour), Owner: owner}})
		must(t, err)
	}
	failure := errors.New("no")
	wantError(t, f.Store.InTx(t.Context(), func(tx reset.Tx) error {
		_, err := tx.ClearSignIns(t.Context(), "a")
		return errors.Join(failure, err)
	}), failure)
	same(t, failures("a"), 2)
	for owner, want := range map[string]int64{"a": 2, "": 0, "c": 0} { // the counters of nobody stay
		n, err := f.Store.ClearSignIns(t.Context(), owner)
		must(t, err)
		same(t, n, want)
	}
	same(t, []int{failures("a"), failures("b")}, []int{0, 1})
	counts, err := f.Counters.CountsOf(t.Context(), now, "b", "link")
	must(t, err)
	same(t, len(counts), 2)
	counts, err = f.Counters.CountsOf(t.Context(), now.Add(time.Hour), "b", "link")
	must(t, err)
	same(t, len(counts), 0) // their windows have ended
}
