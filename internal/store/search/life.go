package search

import (
	"cmp"
	"context"
	"math"
	"net/netip"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Life implements history.Store.
func (r History) Life(ctx context.Context, id reset.ID) (history.Life, error) {
	one, err := r.db.Reset(ctx, `SELECT `+sqldb.ResetColumns+` FROM password_resets WHERE id = $1`, id)
	if err != nil {
		return history.Life{}, err
	}
	all, err := r.withMoments(ctx, []reset.Reset{one})
	if err != nil {
		return history.Life{}, err
	}
	return all[0], nil
}

// EventsOf implements history.Store.
func (r History) EventsOf(ctx context.Context, userID string, q history.EventSearch) ([]history.Event, error) {
	return r.events(ctx, `reset_events
		WHERE user_id = $1 AND id < $2 AND at >= $3 AND at < $4 ORDER BY id DESC LIMIT $5`,
		userID, cmp.Or(q.Before, math.MaxInt64), cmp.Or(q.Since, firstTime), cmp.Or(q.Until, lastTime), q.Rows)
}

func eventFields(e *history.Event) []any {
	return []any{&e.ID, &e.ResetID, &e.UserID, &e.At, &e.Kind, &e.Actor, &e.IP, &e.Agent, &e.Detail}
}

// EventsFrom implements history.Store. No index has the IP address, so it reads all events
// of accounts in the span.
func (r History) EventsFrom(ctx context.Context, network netip.Prefix, in history.Span, n int) ([]history.Event, error) {
	var c sqldb.Conditions
	during(&c, "at", in)
	c.Add(`reset_id IS NULL AND actor = ?`, reset.ActorUser)
	if network.IsSingleIP() {
		c.Add(`ip = ?`, network.Addr())
	} else {
		c.Parts = append(c.Parts, r.db.Dialect.Within(c.Bind, "ip", network))
	}
	return r.events(ctx, `reset_events
		WHERE id IN (SELECT max(id) FROM reset_events`+c.Where()+` GROUP BY user_id, kind)
		ORDER BY CASE WHEN kind IN ('sign_in_failed', 'wrong_password', 'locked') THEN 1 ELSE 0 END, id DESC LIMIT `+c.Bind(n), c.Args...)
}

// events returns the events in rows: of a table, or of a query with its alias.
func (r History) events(ctx context.Context, rows string, args ...any) ([]history.Event, error) {
	return sqldb.All(ctx, r.db, eventFields, `SELECT id, reset_id, user_id, at, kind, actor, ip, agent, detail FROM `+rows, args...)
}

// All times are between these.
var firstTime, lastTime = time.Unix(0, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// nearTime is the period before and after the given time in CountAddressesNear.
const nearTime = 3 * time.Hour

// CountAddressesNear implements history.Store.
func (r History) CountAddressesNear(ctx context.Context, ip netip.Addr, around time.Time, most int) (n int, err error) {
	err = r.db.Get(ctx, &n, `
		SELECT count(*) FROM (
			SELECT DISTINCT email FROM password_resets
			WHERE created_by_ip = $1 AND created_at >= $2 AND created_at <= $3
			LIMIT $4) AS addresses`, ip, around.Add(-nearTime), around.Add(nearTime), most)
	return n, err
}
