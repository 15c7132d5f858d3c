package store_test

import (
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// One worker lost its lease while the mail server was slow. The other one records what
// happened, and there is one event of one attempt.
func TestOnlyTheHolderOfALeaseRecordsTheOutcome(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		r := testkit.Reset(now, "7")
		must(t, s.Insert(t.Context(), r, testkit.Delivery(now, r)))
		var outcomes []reset.Attempt
		for _, at := range []time.Time{now, now.Add(time.Minute)} {
			due, err := s.Lease(t.Context(), reset.AllDue, at, at.Add(time.Minute), 1)
			if err != nil || len(due) != 1 {
				t.Fatalf("leased %v, %v", due, err)
			}
			d := due[0]
			d.SentAt, d.NextAttemptAt = at, time.Time{}
			outcomes = append(outcomes, reset.Attempt{Delivery: d, Event: reset.Event{ResetID: r.ID, At: at, Kind: reset.EventSent, Actor: reset.ActorWorker}})
		}
		for _, late := range outcomes {
			must(t, s.Settle(t.Context(), late))
		}
		if got := db.Text(t, `SELECT count(*) || ' ' || min(CAST(at AS text)) FROM reset_events`); got != db.Text(t, `SELECT '1 ' || CAST(sent_at AS text) FROM reset_deliveries`) {
			t.Errorf("events: got %s, want one of the time when it was sent", got)
		}
	})
}
