package store

import (
	"context"
	"net/netip"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

type lifeDelivery struct {
	deliveryRow
	SentAt   instant `db:"sent_at"`
	FailedAt instant `db:"failed_at"`
}

type lifeEvent struct {
	At     instant         `db:"at"`
	Kind   reset.EventKind `db:"kind"`
	Actor  string          `db:"actor"`
	IP     ip              `db:"ip"`
	Agent  string          `db:"agent"`
	Detail string          `db:"detail"`
}

// Life implements history.Store.
func (s *Store) Life(ctx context.Context, id reset.ID) (life history.Life, err error) {
	if life.Reset, err = s.Reset(ctx, id); err != nil {
		return life, err
	}
	var deliveries []lifeDelivery
	err = s.list(ctx, &deliveries, `
		SELECT `+deliveryColumns+`, sent_at, failed_at FROM reset_deliveries WHERE reset_id = $1 ORDER BY created_at, id`, id)
	if err != nil {
		return life, err
	}
	for _, row := range deliveries {
		d := row.delivery()
		d.SentAt, d.FailedAt = row.SentAt.Time, row.FailedAt.Time
		life.Deliveries = append(life.Deliveries, d)
	}
	var events []lifeEvent
	err = s.list(ctx, &events, `SELECT at, kind, actor, ip, agent, detail FROM reset_events WHERE reset_id = $1 ORDER BY at, id`, id)
	for _, e := range events {
		life.Events = append(life.Events, reset.Event{
			ResetID: id, At: e.At.Time, Kind: e.Kind, Actor: e.Actor, IP: e.IP.Addr, Agent: e.Agent, Detail: e.Detail,
		})
	}
	return life, err
}

// Days implements history.Store.
func (s *Store) Days(ctx context.Context, userID string, since time.Time) ([]history.Day, error) {
	var found []struct {
		Day   string `db:"day"`
		Asked int    `db:"asked"`
	}
	err := s.list(ctx, &found, `
		SELECT CAST(day AS text) AS day, count(*) AS asked
		FROM (SELECT `+s.dialect.day()+` AS day FROM password_resets WHERE user_id = (SELECT $1) AND created_at >= $2) AS asked
		GROUP BY day ORDER BY day`, userID, since)
	days := make([]history.Day, len(found))
	for i, d := range found {
		day, err := time.Parse(time.DateOnly, d.Day)
		if err != nil {
			return nil, err
		}
		days[i] = history.Day{Day: day, Asked: d.Asked}
	}
	return days, err
}

// companyTime is how long before and after a moment Company looks.
const companyTime = 3 * time.Hour

// Company implements history.Store.
func (s *Store) Company(ctx context.Context, ip netip.Addr, around time.Time, most int) (n int, err error) {
	first, last := around.Add(-companyTime), around.Add(companyTime)
	err = s.get(ctx, &n, `
		SELECT count(*) FROM (
			SELECT DISTINCT email FROM password_resets
			WHERE `+s.dialect.day()+` IN ('`+dayOf(first).Format(time.DateOnly)+`', '`+dayOf(last).Format(time.DateOnly)+`')
				AND created_by_ip = (SELECT `+s.dialect.inet("$1")+`) AND created_at >= $2 AND created_at <= $3
			LIMIT $4) AS asked`, ip, first, last, most)
	return n, err
}
