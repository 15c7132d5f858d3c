package store

import (
	"context"
	"slices"
	"time"

	"resetd/internal/reset"
)

const deliveryColumns = `id, reset_id, kind, user_id, recipient, locale, created_at, ip, agent, attempts, next_attempt_at, last_reply, last_server`

type deliveryRow struct {
	ID            reset.ID     `db:"id"`
	ResetID       *reset.ID    `db:"reset_id"`
	Kind          reset.Kind   `db:"kind"`
	UserID        text[string] `db:"user_id"`
	Recipient     text[string] `db:"recipient"`
	Locale        string       `db:"locale"`
	CreatedAt     instant      `db:"created_at"`
	IP            ip           `db:"ip"`
	Agent         string       `db:"agent"`
	Attempts      int          `db:"attempts"`
	NextAttemptAt instant      `db:"next_attempt_at"`
	LastReply     string       `db:"last_reply"`
	LastServer    string       `db:"last_server"`
}

func (r deliveryRow) delivery() reset.Delivery {
	d := reset.Delivery{
		ID: r.ID, Kind: r.Kind, UserID: r.UserID.V, Recipient: r.Recipient.V, Locale: r.Locale,
		CreatedAt: r.CreatedAt.Time, IP: r.IP.Addr, Agent: r.Agent,
		Attempts: r.Attempts, NextAttemptAt: r.NextAttemptAt.Time, LastReply: r.LastReply, LastServer: r.LastServer,
	}
	if r.ResetID != nil {
		d.ResetID = *r.ResetID
	}
	return d
}

// Queue implements reset.Deliveries.
func (q queries) Queue(ctx context.Context, d reset.Delivery) error {
	return q.run(ctx, `
		INSERT INTO reset_deliveries (id, reset_id, kind, user_id, recipient, locale, created_at, ip, agent, next_attempt_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		d.ID, d.ResetID, d.Kind, null(d.UserID), null(d.Recipient), d.Locale, d.CreatedAt, d.IP, d.Agent, d.NextAttemptAt)
}

// Delivery implements reset.Deliveries.
func (q queries) Delivery(ctx context.Context, id reset.ID) (reset.Delivery, error) {
	var row deliveryRow
	err := q.get(ctx, &row, `SELECT `+deliveryColumns+` FROM reset_deliveries WHERE id = $1`, id)
	return row.delivery(), err
}

// Claim implements reset.Deliveries. The lease is next_attempt_at itself: a
// worker that dies leaves a delivery that is due again when the lease ends. What
// a clock that was set back holds up comes first: behind what is due it would
// wait for as long as the worker has work.
func (q queries) Claim(ctx context.Context, now, until time.Time, n int) ([]reset.Delivery, error) {
	var rows []deliveryRow
	first := func(is string) string {
		return `SELECT id FROM (SELECT id FROM reset_deliveries WHERE ` + is + ` ORDER BY next_attempt_at LIMIT $3 ` + q.dialect.skipLocked + `) AS few`
	}
	err := q.list(ctx, &rows, `
		UPDATE reset_deliveries SET attempts = attempts + 1, next_attempt_at = $2
		WHERE id IN (SELECT id FROM (`+first(`next_attempt_at > $4`)+` UNION ALL `+first(`next_attempt_at <= $1`)+`) AS either LIMIT $3)
		RETURNING `+deliveryColumns,
		now, until, n, now.Add(reset.MaxWait))
	claimed := make([]reset.Delivery, len(rows))
	for i, row := range rows {
		claimed[i] = row.delivery()
	}
	slices.SortFunc(claimed, func(a, b reset.Delivery) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return claimed, err
}

// SentAt implements reset.Deliveries.
func (q queries) SentAt(ctx context.Context, id reset.ID) (time.Time, error) {
	var at instant
	err := q.get(ctx, &at, `
		SELECT sent_at FROM reset_deliveries WHERE reset_id = $1 AND kind = $2 AND sent_at IS NOT NULL
		ORDER BY sent_at DESC LIMIT 1`, id, reset.KindResetLink)
	return at.Time, err
}

// Settle implements reset.Deliveries. The number of attempts tells whether the
// lease is still the caller's. The reset of a withheld link stays as it is: no
// email was due.
func (q queries) Settle(ctx context.Context, d reset.Delivery) error {
	n, err := q.exec(ctx, `
		UPDATE reset_deliveries SET sent_at = $3, failed_at = $4, next_attempt_at = $5, last_reply = $6, last_server = $7
		WHERE id = $1 AND attempts = $2`,
		d.ID, d.Attempts, d.SentAt, d.FailedAt, d.NextAttemptAt, d.LastReply, d.LastServer)
	if err == nil && n == 0 {
		return reset.ErrNotFound
	}
	if err != nil || d.Kind != reset.KindResetLink || d.Recipient == "" {
		return err
	}
	return q.run(ctx, `UPDATE password_resets SET mail = $2 WHERE id = $1`, d.ResetID, null(d.MailState()))
}
