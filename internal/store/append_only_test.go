package store_test

import (
	"strings"
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// The database itself refuses to change these rows, for every client. Only a purge
// removes them.
func TestEventsAndAuditAreAppendOnly(t *testing.T) {
	const insert = ` (id, at, kind, actor, user_id) VALUES (1, '2031-05-06 07:10:00.000000+00:00', 'x', 'y', '7')`
	const insertAudit = ` (id, at, member, action) VALUES (1, '2031-05-06 07:10:00.000000+00:00', 'x', 'y')`
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		r := testkit.Reset(now, "7")
		must(t, s.Insert(t.Context(), r, testkit.Delivery(now, r)))
		for _, e := range []reset.Event{{ResetID: r.ID}, {UserID: "7"}} {
			e.At, e.Kind, e.Actor = now, reset.EventOpened, reset.ActorUser
			must(t, s.Append(t.Context(), e))
		}
		must(t, s.Record(t.Context(), entry(1)))
		refused := []string{
			`UPDATE reset_events SET detail = ''`, `UPDATE reset_events SET id = 9 WHERE id = 1`, `DELETE FROM reset_events`, `DELETE FROM reset_events WHERE user_id = '7'`,
			`DELETE FROM password_resets`, // would remove its events too
			`UPDATE reset_audit SET refused = ''`, `UPDATE reset_audit SET id = 9 WHERE id = 1`, `DELETE FROM reset_audit`, `DELETE FROM reset_audit WHERE id = 1`,
			`INSERT INTO reset_audit` + insertAudit + ` ON CONFLICT (id) DO UPDATE SET member = 'x'`,
		}
		if db.Name == "postgres" {
			refused = append(refused, `TRUNCATE reset_events`, `TRUNCATE reset_audit`, `TRUNCATE password_resets CASCADE`)
		} else {
			refused = append(refused, `INSERT OR REPLACE INTO reset_audit`+insertAudit, `INSERT OR REPLACE INTO reset_events`+insert)
		}
		for _, statement := range refused {
			if err := db.TrySQL(t, statement); err == nil || !strings.Contains(err.Error(), "append-only") && !strings.Contains(err.Error(), "428C9") {
				t.Errorf("%s: got %v, want a refusal", statement, err)
			}
		}
		left := `SELECT (SELECT count(*) FROM password_resets) || ' ' || (SELECT count(*) FROM reset_events) || ' ' || (SELECT count(*) FROM reset_audit)`
		if got := db.Text(t, left); got != "1 2 1" {
			t.Errorf("resets, events and audit rows: got %s, want 1 2 1", got)
		}
	})
}

func TestEventNeedsAResetOrAnAccount(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		err := db.Open(t).Append(t.Context(), reset.Event{At: time.Now(), Kind: reset.EventOpened, Actor: reset.ActorUser})
		if err == nil {
			t.Error("an event without a reset and an account was accepted")
		}
	})
}

func TestPurgeRemovesRowsWithoutAReset(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		for _, age := range []time.Duration{50 * time.Hour, 49 * time.Hour, 47 * time.Hour} {
			e := entry(1)
			e.At = now.Add(-age)
			must(t, s.Record(t.Context(), e))
			must(t, s.Append(t.Context(), reset.Event{UserID: "7", At: now.Add(-age), Kind: reset.EventOpened, Actor: reset.ActorUser}))
			d := reset.Delivery{ID: testkit.Reset(now, "7").ID, Kind: reset.KindSignUpExists, UserID: "7", Recipient: "user@example.org", CreatedAt: now.Add(-age)}
			must(t, s.Queue(t.Context(), d))
		}
		if removed, err := s.Purge(t.Context(), now.Add(-48*time.Hour), now); err != nil || removed != 0 {
			t.Errorf("removed %d resets (%v), want none", removed, err)
		}
		for _, table := range []string{"reset_audit", "reset_events", "reset_deliveries"} {
			if n := db.Text(t, `SELECT count(*) FROM `+table); n != "1" {
				t.Errorf("%s rows are left in %s, want the newest", n, table)
			}
		}
		if n := db.Text(t, `SELECT count(*) FROM reset_purge`); n != "0" {
			t.Errorf("%s rows are left in reset_purge, want none", n)
		}
		if err := db.TrySQL(t, `DELETE FROM reset_audit`); err == nil {
			t.Error("audit rows can be removed after a purge")
		}
		if got := testkit.Resets(t, s, history.Filter{}, now); len(got) != 0 {
			t.Errorf("got %v", got)
		}
	})
}
