package store_test

import (
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

func TestPurgeRemovesOnlyOldDeadResets(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		now := testkit.NewClock().Now()
		add := func(age time.Duration, settled bool, change ...func(*reset.Reset)) reset.ID {
			t.Helper()
			r := testkit.Reset(now.Add(-age), "7", change...)
			d := testkit.Delivery(now, r)
			if settled {
				d.NextAttemptAt = time.Time{}
			}
			must(t, s.Insert(t.Context(), r, d))
			return r.ID
		}
		alive := func(r *reset.Reset) { r.ExpiresAt = now.Add(time.Minute) }
		ids := []reset.ID{
			add(50*time.Hour, true),
			add(49*time.Hour, true, func(r *reset.Reset) { r.Withheld, r.AccountState = reset.WithheldInactive, "" }),
			add(49*time.Hour, true, alive),
			add(49*time.Hour, false), // its email is still due
			add(47*time.Hour, true),
		}
		must(t, s.Append(t.Context(), reset.Event{ResetID: ids[0], At: now, Kind: reset.EventOpened, Actor: reset.ActorUser}))
		removed, err := s.Purge(t.Context(), now.Add(-48*time.Hour), now)
		if err != nil || removed != 2 {
			t.Errorf("removed %d (%v), want 2", removed, err)
		}
		left := indexes(testkit.Resets(t, s, history.Filter{}, now), ids)
		if left != "4 2 3" && left != "4 3 2" {
			t.Errorf("left: %s, want the resets that are newer, alive or due", left)
		}
		if n := db.Text(t, `SELECT count(*) FROM reset_events`); n != "0" {
			t.Errorf("%s events are left, want none", n)
		}
	})
}

// The notice of a new password promises that "this wasn't me" works for seven days.
func TestPurgeKeepsNoticesThatCanBeDenied(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		now := testkit.NewClock().Now()
		for _, age := range []time.Duration{reset.NotMeLifetime - time.Minute, reset.NotMeLifetime + time.Minute} {
			r := testkit.Reset(now.Add(-age), "7")
			d := testkit.Delivery(now.Add(-age), r)
			d.NextAttemptAt = time.Time{}
			alone := d
			alone.ID, alone.ResetID, alone.Kind = testkit.Reset(now, "7").ID, reset.ID{}, reset.KindPasswordChanged
			must(t, s.Insert(t.Context(), r, d))
			if _, err := s.Use(t.Context(), r.ID, r.CreatedAt, reset.Client{IP: r.CreatedByIP}); err != nil {
				t.Fatal(err)
			}
			must(t, s.Queue(t.Context(), alone))
		}
		if removed, err := s.Purge(t.Context(), now, now); err != nil || removed != 1 {
			t.Errorf("removed %d (%v), want the older one", removed, err)
		}
		if n := db.Text(t, `SELECT count(*) FROM reset_deliveries`); n != "2" {
			t.Errorf("%s deliveries are left, want the notice and that of the reset", n)
		}
	})
}

func TestPurgeRunsSeveralBatches(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		now := testkit.NewClock().Now()
		const rows = 1003
		err := s.InTx(t.Context(), func(tx reset.Tx) error {
			for range rows {
				r := testkit.Reset(now.Add(-48*time.Hour), "7")
				d := testkit.Delivery(time.Time{}, r)
				d.CreatedAt = r.CreatedAt
				if err := tx.Insert(t.Context(), r, d); err != nil {
					return err
				}
			}
			return nil
		})
		must(t, err)
		if removed, err := s.Purge(t.Context(), now.Add(-24*time.Hour), now); err != nil || removed != rows {
			t.Errorf("removed %d (%v), want %d", removed, err, rows)
		}
	})
}
