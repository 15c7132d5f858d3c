package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// Whoever writes and purges while lines are merged, the sums are those of the rows.
func TestMergedDaysAreRightToTheRow(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		ctx, stop := context.WithCancel(t.Context())
		var writers, merger sync.WaitGroup
		merger.Go(func() {
			for ctx.Err() == nil {
				if err := s.MergeDays(t.Context(), now); err != nil {
					t.Error(err)
					return
				}
			}
		})
		for w := range 4 {
			writers.Go(func() {
				if err := writeDays(t.Context(), s, now, w); err != nil {
					t.Error(err)
				}
			})
		}
		writers.Wait()
		stop()
		merger.Wait()
		if err := s.MergeDays(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		const sums = `SELECT CAST(sum(asked) AS text) || ' ' || CAST(sum(opened) AS text) || ' ' || CAST(sum(used) AS text) || ' ' || CAST(sum(throttled) AS text) FROM reset_days`
		const rows = `SELECT count(*) || ' ' || count(opened_at) || ' ' || count(used_at) || ' ' || sum(CASE WHEN withheld = 'throttled' THEN 1 ELSE 0 END) FROM password_resets`
		if got, want := db.Text(t, sums), db.Text(t, rows); got != want {
			t.Errorf("asked, opened, used, throttled: the sums say %s, the rows %s", got, want)
		}
		for day, most := range map[string]int{"2031-05-03": 1, "2031-05-04": 1} {
			if n := db.Text(t, `SELECT count(*) FROM reset_days WHERE day = '`+day+`'`); n != fmt.Sprint(most) {
				t.Errorf("%s has %s lines, want %d", day, n, most)
			}
		}
	})
}

// writeDays lets resets of some days be asked for, opened, used and purged.
func writeDays(ctx context.Context, s *store.Store, now time.Time, writer int) error {
	for i := range 20 {
		at := now.AddDate(0, 0, -i%5)
		r := testkit.Reset(at, "customer")
		if i%4 == 0 {
			r.Withheld, r.UserID, r.AccountState = reset.WithheldThrottled, "", ""
		}
		err := s.InTx(ctx, func(tx reset.Tx) error {
			d := testkit.Delivery(at, r)
			if err := tx.Insert(ctx, r, d); err != nil || r.Withheld != "" {
				return err
			}
			d.SentAt, d.NextAttemptAt = at, time.Time{}
			_, err := tx.Use(ctx, r.ID, at.Add(time.Minute), reset.Client{IP: testkit.Visitor.IP})
			return errors.Join(err, tx.Opened(ctx, r.ID, at, testkit.Visitor), tx.Settle(ctx, d))
		})
		if err == nil && i%8 == writer {
			_, err = s.Purge(ctx, now.AddDate(0, 0, -3), now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
