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

type lifeEvent struct {
	At     sqldb.Instant   `db:"at"`
	Kind   reset.EventKind `db:"kind"`
	Actor  string          `db:"actor"`
	IP     sqldb.IP        `db:"ip"`
	Agent  string          `db:"agent"`
	Detail string          `db:"detail"`
}

func (e lifeEvent) event(id reset.ID, userID string) reset.Event {
	return reset.Event{
		ResetID: id, UserID: userID, At: e.At.Time, Kind: e.Kind, Actor: e.Actor, IP: e.IP.Addr, Agent: e.Agent, Detail: e.Detail,
	}
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
	if life.Events, err = r.events(ctx, id); err != nil {
		return life, err
	}
	one := []reset.Reset{life.Reset}
	err = r.scanned(ctx, one)
	life.Reset = one[0]
	return life, err
}

func (r History) events(ctx context.Context, id reset.ID) (events []reset.Event, err error) {
	var rows []lifeEvent
	err = r.db.List(ctx, &rows, `SELECT at, kind, actor, ip, agent, detail FROM reset_events WHERE reset_id = $1 ORDER BY at, id`, id)
	for _, e := range rows {
		events = append(events, e.event(id, ""))
	}
	return events, err
}

// EventsOf implements history.Store.
func (r History) EventsOf(ctx context.Context, userID string, q history.EventSearch) ([]history.Event, error) {
	var rows []accountEvent
	err := r.db.List(ctx, &rows, eventColumns+`
		WHERE user_id = $1 AND id < $2 AND at >= $3 AND at < $4 ORDER BY id DESC LIMIT $5`,
		userID, cmp.Or(q.Before, math.MaxInt64), cmp.Or(q.Since, firstTime), cmp.Or(q.Until, lastTime), q.Rows)
	return accountEvents(rows), err
}

// accountEvent is an event with its place in the record, its reset and its account.
type accountEvent struct {
	ID      int64              `db:"id"`
	ResetID *reset.ID          `db:"reset_id"`
	UserID  sqldb.Text[string] `db:"user_id"`
	lifeEvent
}

const eventColumns = `SELECT id, reset_id, user_id, at, kind, actor, ip, agent, detail FROM reset_events`

func accountEvents(rows []accountEvent) []history.Event {
	events := make([]history.Event, len(rows))
	for i, e := range rows {
		events[i] = history.Event{ID: e.ID, Event: e.event(reset.ID{}, e.UserID.V)}
		if e.ResetID != nil {
			events[i].ResetID = *e.ResetID
		}
	}
	return events
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
