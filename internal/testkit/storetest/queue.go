package storetest

import (
	"sync"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

func claimIsALease(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	lease := now.Add(time.Minute)
	leased := claim(t, f, now, lease)
	if len(leased) != 1 {
		t.Fatalf("leased %d emails, want 1", len(leased))
	}
	same(t, leased[0].ResetID, r.ID)
	same(t, leased[0].Attempts, 1)
	same(t, len(claim(t, f, lease.Add(-time.Microsecond), lease)), 0)
	again := claim(t, f, lease, lease.Add(time.Minute))
	if len(again) != 1 || again[0].Attempts != 2 {
		t.Errorf("after the lease: got %v, want the second attempt of the email", again)
	}
	setBack := now.Add(-time.Hour)
	if len(claim(t, f, setBack, setBack.Add(time.Minute))) != 1 {
		t.Error("the email was not due after the clock was set back")
	}
}

// If the clock is set back, the next attempt of a leased email is far in the future. The
// email must not wait behind other due emails.
func delayedMailComesFirst(t *testing.T, f Fixture) {
	live(t, f, "7")
	delayed := claim(t, f, now, now.Add(time.Minute))[0]
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
func unmatchedAreClaimedAlone(t *testing.T, f Fixture) {
	live(t, f, "7")
	m := received(t, f)
	leased, err := f.Store.Lease(t.Context(), reset.Unmatched, now, now.Add(time.Minute), 100)
	must(t, err)
	if len(leased) != 1 || leased[0].ResetID != m.Reset.ID {
		t.Errorf("leased %v, want the unmatched request alone", leased)
	}
	same(t, len(claim(t, f, now, now.Add(time.Minute))), 1)
}

func claim(t *testing.T, f Fixture, at, until time.Time) []reset.Delivery {
	t.Helper()
	leased, err := f.Store.Lease(t.Context(), reset.AllDue, at, until, 100)
	must(t, err)
	return leased
}

func claimsNeverShare(t *testing.T, f Fixture) {
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
	late := claim(t, f, now, now.Add(time.Minute))[0]
	holder := claim(t, f, now.Add(time.Minute), now.Add(2*time.Minute))[0]
	late.NextAttemptAt, late.FailedAt = time.Time{}, now
	wantError(t, f.Store.Settle(t.Context(), late), reset.ErrNotFound)
	same(t, len(claim(t, f, now.Add(2*time.Minute), now.Add(3*time.Minute))), 1)

	holder.Attempts++ // the last claim incremented it in the store
	holder.NextAttemptAt, holder.SentAt, holder.LastReply = time.Time{}, now, "250 ok"
	must(t, f.Store.Settle(t.Context(), holder))
	same(t, len(claim(t, f, now.Add(time.Hour), now.Add(2*time.Hour))), 0)
}

func findCompares(t *testing.T, f Fixture) {
	a := f.Add("mike@example.org", "hash")
	for typed, want := range map[string]int{
		"mike@example.org": 1, "  MIKE@Example.ORG ": 1,
		"mıke@example.org": 0, // a dotless i
		"mike@example.com": 0, "ike@example.org": 0, "mike%@example.org": 0, "m_ke@example.org": 0,
	} {
		found, err := f.Store.FindAccounts(t.Context(), testkit.Address(t, typed))
		must(t, err)
		if len(found) != want {
			t.Errorf("%q finds %d accounts, want %d", typed, len(found), want)
		}
		if len(found) == 1 {
			same(t, found[0].ID, a.ID)
		}
	}
}

func setPasswordCompares(t *testing.T, f Fixture) {
	a := f.Add("user@example.org", "old")
	other := f.Add("other@example.org", "old")
	must(t, f.Store.SetPassword(t.Context(), a, reset.NewPassword{Hash: "new"}, now))
	wantError(t, f.Store.SetPassword(t.Context(), a, reset.NewPassword{Hash: "newer"}, now), reset.ErrAccountChanged)
	for id, want := range map[string]string{a.ID: "new", other.ID: "old"} {
		got, err := f.Store.Account(t.Context(), id)
		must(t, err)
		same(t, got.PasswordHash, want)
	}
}
