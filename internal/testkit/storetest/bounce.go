package storetest

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// A bounce counts once, and also if it arrives before the acceptance is stored.
func bounceCountsOnce(t *testing.T, f Fixture) {
	for _, early := range []bool{false, true} {
		r := live(t, f, "7")
		d := lease(t, f, now, now.Add(time.Minute))[0]
		settle := func() {
			d.SentAt, d.NextAttemptAt = now, time.Time{}
			must(t, f.Store.InTx(t.Context(), func(tx reset.Tx) error { return tx.Settle(t.Context(), reset.Attempt{Delivery: d}) }))
		}
		if !early {
			settle()
		}
		got, err := f.Store.Bounce(t.Context(), d.ID, now.Add(time.Hour))
		must(t, err)
		same(t, got.BouncedAt, now.Add(time.Hour))
		if early {
			settle()
		}
		same(t, load(t, f, r.ID).Mail, reset.MailBounced)
		_, err = f.Store.Bounce(t.Context(), d.ID, now.Add(2*time.Hour))
		wantError(t, err, reset.ErrNotFound)
	}
}

func unsentMailCannotBounce(t *testing.T, f Fixture) {
	live(t, f, "7")
	due := lease(t, f, now, now.Add(time.Minute))[0]
	due.FailedAt, due.NextAttemptAt = now, time.Time{}
	must(t, f.Store.InTx(t.Context(), func(tx reset.Tx) error { return tx.Settle(t.Context(), reset.Attempt{Delivery: due}) }))
	waiting := notice(t, f, "7", now)
	for name, id := range map[string]reset.ID{"failed": due.ID, "never attempted": waiting.ID, "unknown": uuid.New()} {
		t.Log(name)
		_, err := f.Store.Bounce(t.Context(), id, now)
		wantError(t, err, reset.ErrNotFound)
	}
}

// The email of a reset is that with the link.
func bouncedNoticeIsNotTheLink(t *testing.T, f Fixture) {
	d := notice(t, f, "7", now)
	lease(t, f, now, now.Add(time.Minute))
	got, err := f.Store.Bounce(t.Context(), d.ID, now)
	must(t, err)
	same(t, got.Kind, reset.KindPasswordChanged)
}
