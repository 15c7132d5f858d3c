package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

func newClaim(resetID, noticeID reset.ID) reset.Claim {
	return reset.Claim{
		ID: uuid.New(), ResetID: resetID, NoticeID: noticeID, UserID: "7", At: now, By: testkit.Visitor, OldHash: "old", NewHash: "new",
		HeldUntil: now.Add(time.Minute), KeepUntil: now.Add(time.Hour),
	}
}

func addClaim(t *testing.T, f Fixture, c reset.Claim) error {
	return f.Store.InTx(t.Context(), func(tx reset.Tx) error { return tx.AddClaim(t.Context(), c) })
}

func claimIsReturned(t *testing.T, f Fixture) {
	c := newClaim(live(t, f, "7").ID, reset.ID{})
	must(t, addClaim(t, f, c))
	got, err := f.Store.ClaimsOf(t.Context(), "7")
	must(t, err)
	same(t, got, []reset.Claim{c})
	got, err = f.Store.LeftClaims(t.Context(), now)
	must(t, err)
	same(t, len(got), 0)
	must(t, f.Store.ReleaseClaim(t.Context(), c.ID))
	got, err = f.Store.LeftClaims(t.Context(), now)
	must(t, err)
	c.HeldUntil = time.Time{}
	same(t, got, []reset.Claim{c})
}

func oneClaimIsHeld(t *testing.T, f Fixture) {
	notice := notice(t, f, "7", now)
	for _, c := range []reset.Claim{newClaim(live(t, f, "7").ID, reset.ID{}), newClaim(reset.ID{}, notice.ID)} {
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				c := c
				c.ID = uuid.New()
				errs[i] = addClaim(t, f, c)
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			wantError(t, err, reset.ErrClaimed)
		}
		same(t, won, 1)
		c.At = c.HeldUntil // the hold is over
		must(t, addClaim(t, f, c))
	}
}

func claimNeedsALiveTarget(t *testing.T, f Fixture) {
	used := live(t, f, "7")
	_, err := f.Store.Use(t.Context(), used.ID, now, testkit.Visitor)
	must(t, err)
	expired := live(t, f, "7", func(r *reset.Reset) { r.CreatedAt, r.ExpiresAt = now.Add(-time.Hour), now })
	denied := notice(t, f, "7", now)
	must(t, f.Store.Deny(t.Context(), denied.ID, uuid.New(), now))
	for name, c := range map[string]reset.Claim{
		"unknown": newClaim(uuid.New(), reset.ID{}), "used": newClaim(used.ID, reset.ID{}), "expired": newClaim(expired.ID, reset.ID{}),
		"denied": newClaim(reset.ID{}, denied.ID),
	} {
		t.Log(name)
		wantError(t, addClaim(t, f, c), reset.ErrNotFound)
	}
}

func claimIsTakenOnce(t *testing.T, f Fixture) {
	a, b, other := live(t, f, "7"), live(t, f, "7"), live(t, f, "7")
	c, rival, later := newClaim(a.ID, reset.ID{}), newClaim(b.ID, reset.ID{}), newClaim(other.ID, reset.ID{})
	later.OldHash = "new"
	for _, c := range []reset.Claim{c, rival, later} {
		must(t, addClaim(t, f, c))
	}
	must(t, f.Store.RemoveClaim(t.Context(), c.ID))
	wantError(t, f.Store.RemoveClaim(t.Context(), c.ID), reset.ErrNotFound)
	must(t, f.Store.DropRivals(t.Context(), c))
	got, err := f.Store.ClaimsOf(t.Context(), "7")
	must(t, err)
	same(t, got, []reset.Claim{later})
}

// The password was set, so the link counts as used even if it was ended meanwhile.
func claimedUseWins(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	must(t, f.Store.Revoke(t.Context(), r.ID, now, "staff:agent"))
	must(t, f.Store.UseClaimed(t.Context(), newClaim(r.ID, reset.ID{})))
	r.UsedAt, r.UsedByIP, r.UsedByAgent = now, testkit.Visitor.IP, testkit.Visitor.Agent
	same(t, load(t, f, r.ID), r)
}

// A use that is recorded late ends no link that was requested after it.
func revokeAllSparesLaterLinks(t *testing.T, f Fixture) {
	before, after := live(t, f, "7"), live(t, f, "7", func(r *reset.Reset) { r.CreatedAt = now.Add(time.Second) })
	must(t, f.Store.RevokeAll(t.Context(), "7", now, reset.RevokedOtherLink))
	same(t, load(t, f, before.ID).RevokedBy, reset.RevokedOtherLink)
	same(t, load(t, f, after.ID).RevokedBy, "")
}
