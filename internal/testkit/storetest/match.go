package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// received adds a request before its account is looked up.
func received(t *testing.T, f Fixture) reset.Queued {
	t.Helper()
	r := testkit.Reset(now, "", func(r *reset.Reset) { r.AccountState, r.Mail = "", "" })
	d := testkit.Delivery(now, r)
	must(t, f.Store.Insert(t.Context(), r, d))
	return reset.Queued{Reset: r, Delivery: d}
}

// matched returns the request with the account that was found.
func matched(m reset.Queued, userID string) reset.Queued {
	m.Reset.UserID, m.Reset.AccountState, m.Reset.Mail = userID, "state", reset.MailWaiting
	m.Delivery.UserID, m.Delivery.Recipient, m.Delivery.Locale = userID, "User@example.org", "en"
	return m
}

func oneWorkerMatches(t *testing.T, f Fixture) {
	const requests = 20
	all := make([]reset.Queued, requests)
	for i := range all {
		all[i] = received(t, f)
	}
	var mu sync.Mutex
	got := map[reset.ID][]string{}
	var wg sync.WaitGroup
	for _, user := range []string{"7", "8"} {
		wg.Go(func() {
			mine := make([]reset.Queued, requests)
			for i, m := range all {
				mine[i] = matched(m, user)
			}
			var won map[reset.ID]bool
			err := f.Store.InTx(t.Context(), func(tx reset.Tx) (err error) {
				won, err = tx.Match(t.Context(), mine)
				return err
			})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for id := range won {
				got[id] = append(got[id], user)
			}
		})
	}
	wg.Wait()
	for _, m := range all {
		winners := got[m.Reset.ID]
		if len(winners) != 1 || load(t, f, m.Reset.ID).UserID != winners[0] {
			t.Errorf("%v: matched with %v, has the account %q, want one match and its account", m.Reset.ID, winners, load(t, f, m.Reset.ID).UserID)
		}
		d, err := f.Store.Delivery(t.Context(), m.Delivery.ID)
		must(t, err)
		same(t, []string{d.UserID, d.Recipient, d.Locale}, []string{winners[0], "User@example.org", "en"})
	}
}

func matchSettles(t *testing.T, f Fixture) {
	withheld, ended := received(t, f), matched(received(t, f), "7")
	withheld.Reset.Withheld, withheld.Delivery.Recipient = reset.WithheldNoAccount, ""
	ended.Reset.RevokedAt, ended.Reset.RevokedBy, ended.Reset.Mail = now.Add(time.Minute), reset.RevokedOtherLink, ""
	ended.Delivery.Recipient = ""
	won, err := f.Store.Match(t.Context(), []reset.Queued{withheld, ended})
	must(t, err)
	same(t, len(won), 2)
	for _, m := range []reset.Queued{withheld, ended} {
		same(t, load(t, f, m.Reset.ID), m.Reset)
		d, err := f.Store.Delivery(t.Context(), m.Delivery.ID)
		must(t, err)
		same(t, d.NextAttemptAt, time.Time{})
		same(t, d.Recipient, "")
	}
	same(t, len(lease(t, f, now.Add(time.Hour), now.Add(2*time.Hour))), 0)
}

func lastUses(t *testing.T, f Fixture) {
	for _, after := range []time.Duration{time.Minute, 5 * time.Minute, 2 * time.Minute} {
		r := live(t, f, "7")
		_, err := f.Store.Use(t.Context(), r.ID, now.Add(after), testkit.Visitor)
		must(t, err)
	}
	live(t, f, "8")
	got, err := f.Store.LastUses(t.Context(), []string{"7", "8", "9"}, now, now.Add(5*time.Minute))
	must(t, err)
	same(t, got, map[string]time.Time{"7": now.Add(5 * time.Minute)})
	got, err = f.Store.LastUses(t.Context(), []string{"7"}, now, now.Add(5*time.Minute-time.Microsecond))
	must(t, err)
	same(t, got, map[string]time.Time{"7": now.Add(2 * time.Minute)})
	got, err = f.Store.LastUses(t.Context(), []string{"7"}, now.Add(time.Microsecond), now.Add(time.Hour))
	must(t, err)
	same(t, got, map[string]time.Time{})
}

func oneFailsInBatch(t *testing.T, f Fixture) {
	failure := errors.New("no")
	ids := make([]reset.ID, 30)
	errs := make([]error, len(ids))
	for i := range ids {
		ids[i] = live(t, f, "7").ID
	}
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			errs[i] = f.Store.InBatch(t.Context(), func(tx reset.Tx) error {
				if err := tx.Revoke(t.Context(), id, now, "staff:example"); err != nil {
					return err
				}
				if i%3 == 0 {
					return failure
				}
				return nil
			})
		})
	}
	wg.Wait()
	for i, id := range ids {
		revoked := !load(t, f, id).RevokedAt.IsZero()
		if failed := i%3 == 0; revoked == failed || errors.Is(errs[i], failure) != failed {
			t.Errorf("transaction %d: revoked %v, error %v", i, revoked, errs[i])
		}
	}
}
