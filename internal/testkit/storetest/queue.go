package storetest

import (
	"sync"
	"testing"
	"time"

	"resetd/internal/reset"
)

func mailIsLeased(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	end := now.Add(time.Minute)
	leased := lease(t, f, now, end)
	if len(leased) != 1 {
		t.Fatalf("leased %d emails, want 1", len(leased))
	}
	same(t, leased[0].ResetID, r.ID)
	same(t, leased[0].Attempts, 1)
	same(t, len(lease(t, f, end.Add(-time.Microsecond), end)), 0)
	again := lease(t, f, end, end.Add(time.Minute))
	if len(again) != 1 || again[0].Attempts != 2 {
		t.Errorf("after the lease: got %v, want the second attempt of the email", again)
	}
	setBack := now.Add(-time.Hour)
	if len(lease(t, f, setBack, setBack.Add(time.Minute))) != 1 {
		t.Error("the email was not due after the clock was set back")
	}
}

// If the clock is set back, the next attempt of a leased email is far in the future. The
// email must not wait behind other due emails.
func delayedMailComesFirst(t *testing.T, f Fixture) {
	live(t, f, "7")
	delayed := lease(t, f, now, now.Add(time.Minute))[0]
	live(t, f, "8")
	setBack := now.Add(-time.Hour)
	_, err := f.Store.Lease(t.Context(), reset.AllDue, now, setBack, 100) // makes the other email due after setBack
	must(t, err)
	first, err := f.Store.Lease(t.Context(), reset.AllDue, setBack, setBack.Add(time.Minute), 1)
	must(t, err)
	if len(first) != 1 || first[0].ID != delayed.ID {
		t.Errorf("got %v, want the email that the clock change delayed", first)
	}
}

// While emails wait for a slow mail server, requests are matched nevertheless.
func unmatchedAreLeasedAlone(t *testing.T, f Fixture) {
	live(t, f, "7")
	m := received(t, f)
	leased, err := f.Store.Lease(t.Context(), reset.Unmatched, now, now.Add(time.Minute), 100)
	must(t, err)
	if len(leased) != 1 || leased[0].ResetID != m.Reset.ID {
		t.Errorf("leased %v, want the unmatched request alone", leased)
	}
	same(t, len(lease(t, f, now, now.Add(time.Minute))), 1)
}

func lease(t *testing.T, f Fixture, at, until time.Time) []reset.Delivery {
	t.Helper()
	leased, err := f.Store.Lease(t.Context(), reset.AllDue, at, until, 100)
	must(t, err)
	return leased
}

func leasesNeverShare(t *testing.T, f Fixture) {
	const emails = 40
	for range emails {
		live(t, f, "7")
	}
	var (
		mu   sync.Mutex
		seen = map[reset.ID]int{}
		wg   sync.WaitGroup
	)
	for range 8 {
		wg.Go(func() {
			for range emails {
				leased, err := f.Store.Lease(t.Context(), reset.AllDue, now, now.Add(time.Minute), 3)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, d := range leased {
					seen[d.ID]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	same(t, len(seen), emails)
	for id, n := range seen {
		if n != 1 {
			t.Errorf("email %v was leased %d times", id, n)
		}
	}
}

func settleRequiresTheLease(t *testing.T, f Fixture) {
	live(t, f, "7")
	late := lease(t, f, now, now.Add(time.Minute))[0]
	holder := lease(t, f, now.Add(time.Minute), now.Add(2*time.Minute))[0]
	late.NextAttemptAt, late.FailedAt = time.Time{}, now
	must(t, f.Store.Settle(t.Context(), reset.Attempt{Delivery: late}))
	same(t, len(lease(t, f, now.Add(2*time.Minute), now.Add(3*time.Minute))), 1)

	holder.Attempts++ // the last lease incremented it in the store
	holder.NextAttemptAt, holder.SentAt, holder.LastReply = time.Time{}, now, "250 ok"
	must(t, f.Store.Settle(t.Context(), reset.Attempt{Delivery: holder}))
	same(t, len(lease(t, f, now.Add(time.Hour), now.Add(2*time.Hour))), 0)
}

// Outcomes that arrive together are written together, and each counts by itself.
func badOutcomeFailsAlone(t *testing.T, f Fixture) {
	for range 30 {
		live(t, f, "7")
	}
	var wg sync.WaitGroup
	for i, d := range lease(t, f, now, now.Add(time.Minute)) {
		wg.Go(func() {
			bad := i%3 == 0
			d.SentAt, d.NextAttemptAt = now, time.Time{}
			if bad {
				d.FailedAt = now // not both
			}
			err := f.Store.Settle(t.Context(), reset.Attempt{Delivery: d})
			want := reset.MailAccepted
			if bad {
				want = reset.MailWaiting
			}
			if got := load(t, f, d.ResetID).Mail; (err != nil) != bad || got != want {
				t.Errorf("delivery %d: state %q, want %q; error %v", i, got, want, err)
			}
		})
	}
	wg.Wait()
}

func renewHeld(t *testing.T, f Fixture) {
	live(t, f, "7")
	held := lease(t, f, now, now.Add(time.Minute))
	must(t, f.Store.Renew(t.Context(), held, now.Add(2*time.Minute)))
	same(t, len(lease(t, f, now.Add(time.Minute), now.Add(3*time.Minute))), 0)
	again := lease(t, f, now.Add(2*time.Minute), now.Add(3*time.Minute))
	same(t, len(again), 1)
	must(t, f.Store.Renew(t.Context(), held, now.Add(time.Hour))) // no effect: another worker holds it
	same(t, len(lease(t, f, now.Add(3*time.Minute), now.Add(4*time.Minute))), 1)
	settled := again[0]
	settled.Attempts++
	must(t, f.Store.Drop(t.Context(), []reset.Delivery{settled}))
	must(t, f.Store.Renew(t.Context(), []reset.Delivery{settled}, now))
	same(t, len(lease(t, f, now.Add(time.Hour), now.Add(2*time.Hour))), 0)
}
