package storetest

import (
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// notice queues the notice of a changed password.
func notice(t *testing.T, f Fixture, userID string, at time.Time) reset.Delivery {
	t.Helper()
	d := reset.Delivery{
		ID: uuid.New(), Kind: reset.KindPasswordChanged, UserID: userID, Recipient: "user@example.org", CreatedAt: at, NextAttemptAt: at,
	}
	must(t, f.Store.Queue(t.Context(), d))
	return d
}

func oneDenialWins(t *testing.T, f Fixture) {
	d := notice(t, f, "7", now)
	errs, rescues := make([]error, 20), make([]reset.ID, 20)
	var wg sync.WaitGroup
	for i := range errs {
		rescues[i] = uuid.New()
		wg.Go(func() {
			errs[i] = f.Store.InTx(t.Context(), func(tx reset.Tx) error {
				return tx.Deny(t.Context(), d.ID, rescues[i], now.Add(time.Minute))
			})
		})
	}
	wg.Wait()
	won := 0
	for i, err := range errs {
		if err != nil {
			wantError(t, err, reset.ErrNotFound)
			continue
		}
		won++
		got, err := f.Store.Delivery(t.Context(), d.ID)
		must(t, err)
		same(t, got.DeniedAt, now.Add(time.Minute))
		same(t, got.RescueID, rescues[i])
	}
	same(t, won, 1)
}

func denialNeedsANotice(t *testing.T, f Fixture) {
	r := live(t, f, "7")
	link := lease(t, f, now, now.Add(time.Minute))[0]
	same(t, link.ResetID, r.ID)
	for _, id := range []reset.ID{link.ID, uuid.New()} {
		wantError(t, f.Store.Deny(t.Context(), id, uuid.New(), now), reset.ErrNotFound)
	}
}

// A rescue that the account used after a notice ends the notice. Other uses, uses by
// others and the use that the notice reports do not.
func usedRescueEndsOlderNotices(t *testing.T, f Fixture) {
	used := now.Add(time.Minute)
	use := func(userID, requestedBy string) {
		r := live(t, f, userID, func(r *reset.Reset) { r.RequestedBy = requestedBy })
		_, err := f.Store.Use(t.Context(), r.ID, used, testkit.Visitor)
		must(t, err)
	}
	rescued := func(since time.Time) bool {
		t.Helper()
		is, err := f.Store.RescuedSince(t.Context(), "7", since)
		must(t, err)
		return is
	}
	use("7", reset.RequestedByUser)
	use("8", reset.RequestedByRescue)
	same(t, rescued(now), false)
	must(t, f.Store.Deny(t.Context(), notice(t, f, "7", now).ID, uuid.New(), used))
	use("7", reset.RequestedByRescue)
	same(t, rescued(now), true)
	same(t, rescued(used), false)
	wantError(t, f.Store.Deny(t.Context(), notice(t, f, "7", now).ID, uuid.New(), used), reset.ErrNotFound)
	must(t, f.Store.Deny(t.Context(), notice(t, f, "7", used).ID, uuid.New(), used))
}

// The state of a rescue's email is the state of its row, and it is known when it was
// sent.
func rescueMailIsALinksMail(t *testing.T, f Fixture) {
	r := testkit.Reset(now, "7", func(r *reset.Reset) { r.RequestedBy = reset.RequestedByRescue })
	d := testkit.Delivery(now, r)
	d.Kind = reset.KindRescue
	must(t, f.Store.Insert(t.Context(), r, d))
	sent := lease(t, f, now, now.Add(time.Minute))[0]
	same(t, sent.Kind, reset.KindRescue)
	sent.NextAttemptAt, sent.SentAt = time.Time{}, now.Add(time.Second)
	must(t, f.Store.Settle(t.Context(), reset.Attempt{Delivery: sent}))
	same(t, load(t, f, r.ID).Mail, reset.MailAccepted)
	at, err := f.Store.SentAt(t.Context(), r.ID)
	must(t, err)
	same(t, at, now.Add(time.Second))
}

// Only the notice of the account's own change without a link counts, from the same IP
// address and after the time.
func changedSince(t *testing.T, f Fixture) {
	changed := func(userID, ip string, since time.Time) bool {
		t.Helper()
		is, err := f.Store.ChangedSince(t.Context(), userID, netip.MustParseAddr(ip), since)
		must(t, err)
		return is
	}
	d := reset.Delivery{ID: uuid.New(), Kind: reset.KindPasswordChanged, UserID: "7", Recipient: "user@example.org", CreatedAt: now, NextAttemptAt: now, IP: testkit.Visitor.IP}
	must(t, f.Store.Queue(t.Context(), d))
	byLink := d
	byLink.ID, byLink.ResetID, byLink.UserID = uuid.New(), live(t, f, "8").ID, "8"
	must(t, f.Store.Queue(t.Context(), byLink))
	ip, before := testkit.Visitor.IP.String(), now.Add(-time.Microsecond)
	same(t, changed("7", ip, before), true)
	same(t, changed("7", ip, now), false)
	same(t, changed("7", "203.0.113.10", before), false)
	same(t, changed("8", ip, before), false)
}

// A sign-up is matched only by the worker that holds it, and can be matched again.
func signUpsAreMatchedByTheirHolder(t *testing.T, f Fixture) {
	d := reset.Delivery{ID: uuid.New(), Kind: reset.KindSignUpConfirm, Recipient: "user@example.org", CreatedAt: now, NextAttemptAt: now}
	must(t, f.Store.Queue(t.Context(), d))
	late := lease(t, f, now, now.Add(time.Minute))[0]
	same(t, late.Received(), true)
	holder := lease(t, f, now.Add(time.Minute), now.Add(2*time.Minute))[0]
	late.Recipient = "late@example.org"
	must(t, f.Store.MatchSignUps(t.Context(), []reset.Delivery{late, holder}))
	again := lease(t, f, now.Add(2*time.Minute), now.Add(3*time.Minute))[0]
	same(t, again.Received(), true)
	same(t, again.Recipient, "user@example.org")
	again.Kind, again.UserID, again.Recipient, again.Locale = reset.KindSignUpExists, "7", "User@example.org", "en"
	must(t, f.Store.MatchSignUps(t.Context(), []reset.Delivery{again}))
	got := lease(t, f, now.Add(3*time.Minute), now.Add(4*time.Minute))[0]
	same(t, got.Received(), false)
	same(t, []string{string(got.Kind), got.UserID, got.Recipient, got.Locale}, []string{"signup_exists", "7", "User@example.org", "en"})
}
