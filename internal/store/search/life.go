package search

import (
	"context"
	"net/netip"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

type lifeEvent struct {
	ResetID *reset.ID       `db:"reset_id"`
	At      sqldb.Instant   `db:"at"`
	Kind    reset.EventKind `db:"kind"`
	Actor   string          `db:"actor"`
	IP      sqldb.IP        `db:"ip"`
	Agent   string          `db:"agent"`
	Detail  string          `db:"detail"`
}

// Life implements history.Store.
func (r History) Life(ctx context.Context, id reset.ID) (life history.Life, err error) {
	life.Reset, err = r.db.Reset(ctx, `SELECT `+sqldb.ResetColumns+` FROM password_resets WHERE id = $1`, id)
	if err != nil {
		return life, err
	}
	life.Deliveries, err = r.db.Deliveries(ctx, `
		SELECT `+sqldb.DeliveryColumns+` FROM reset_deliveries WHERE reset_id = $1 ORDER BY created_at, id`, id)
	if err != nil {
		return life, err
	}
	life.Events, err = r.events(ctx, `
		SELECT reset_id, at, kind, actor, ip, agent, detail FROM reset_events WHERE reset_id = $1 ORDER BY at, id`, id)
	return life, err
}

func (r History) events(ctx context.Context, query string, args ...any) ([]reset.Event, error) {
	var rows []lifeEvent
	err := r.db.List(ctx, &rows, query, args...)
	events := make([]reset.Event, len(rows))
	for i, e := range rows {
		events[i] = reset.Event{At: e.At.Time, Kind: e.Kind, Actor: e.Actor, IP: e.IP.Addr, Agent: e.Agent, Detail: e.Detail}
		if e.ResetID != nil {
			events[i].ResetID = *e.ResetID
		}
	}
	return events, err
}

// EventsOf implements history.Store.
func (r History) EventsOf(ctx context.Context, userID string, n int) ([]reset.Event, error) {
	return r.events(ctx, `
		SELECT reset_id, at, kind, actor, ip, agent, detail FROM (
			SELECT id, reset_id, at, kind, actor, ip, agent, detail FROM reset_events WHERE user_id = $1
			UNION ALL
			SELECT e.id, e.reset_id, e.at, e.kind, e.actor, e.ip, e.agent, e.detail
			FROM password_resets r JOIN reset_events e ON e.reset_id = r.id
			WHERE r.user_id = $1 AND e.kind = $2) AS events
		ORDER BY at DESC, id DESC LIMIT $3`, userID, reset.EventNotMe, n)
}

// DaysOf implements history.Store.
func (r History) DaysOf(ctx context.Context, userID string, since time.Time) ([]history.Day, error) {
	var found []struct {
		Day       string `db:"day"`
		Requested int    `db:"requested"`
	}
	err := r.db.List(ctx, &found, `
		SELECT CAST(`+r.db.Dialect.Day+` AS text) AS day, count(*) AS requested FROM password_resets
		WHERE user_id = $1 AND created_at >= $2 GROUP BY 1 ORDER BY 1`, userID, since)
	days := make([]history.Day, len(found))
	for i, d := range found {
		day, err := time.Parse(time.DateOnly, d.Day)
		if err != nil {
			return nil, err
		}
		days[i] = history.Day{Day: day, Requested: d.Requested}
	}
	return days, err
}

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
