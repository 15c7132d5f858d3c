package store

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Queue implements reset.Deliveries.
func (q queries) Queue(ctx context.Context, d reset.Delivery) error {
	return q.Run(ctx, `
		INSERT INTO reset_deliveries (id, reset_id, kind, user_id, recipient, locale, created_at, ip, agent, next_attempt_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		d.ID, d.ResetID, d.Kind, sqldb.Null(d.UserID), sqldb.Null(d.Recipient), d.Locale, d.CreatedAt, d.IP, d.Agent, d.NextAttemptAt)
}

// Delivery implements reset.Deliveries.
func (q queries) Delivery(ctx context.Context, id reset.ID) (reset.Delivery, error) {
	return q.DB.Delivery(ctx, `SELECT `+sqldb.DeliveryColumns+` FROM reset_deliveries WHERE id = $1`, id)
}

// Lease implements reset.Deliveries. The lease is stored in next_attempt_at: if a
// worker dies, its deliveries are due again when the lease ends. Deliveries that
// wait because the clock was set back come first. Behind the due deliveries they
// would wait until the worker has no other work.
func (q queries) Lease(ctx context.Context, which reset.Which, now, until time.Time, n int) ([]reset.Delivery, error) {
	first := func(condition string) string {
		if which == reset.Unmatched {
			condition += ` AND user_id IS NULL AND reset_id IS NOT NULL`
		}
		return `SELECT id FROM (SELECT id FROM reset_deliveries WHERE ` + condition + ` ORDER BY next_attempt_at LIMIT $3 ` + q.Dialect.SkipLocked + `) AS few`
	}
	leased, err := q.Deliveries(ctx, `
		UPDATE reset_deliveries SET attempts = attempts + 1, next_attempt_at = $2
		WHERE id IN (SELECT id FROM (`+first(`next_attempt_at > $4`)+` UNION ALL `+first(`next_attempt_at <= $1`)+`) AS either LIMIT $3)
		RETURNING `+sqldb.DeliveryColumns,
		now, until, n, now.Add(reset.MaxWait))
	slices.SortFunc(leased, func(a, b reset.Delivery) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return leased, err
}

// Drop implements reset.Deliveries. An email that is not due any more does not wait.
func (q queries) Drop(ctx context.Context, all []reset.Delivery) error {
	for _, d := range all {
		if !d.Kind.HasLink() || d.ResetID == (reset.ID{}) {
			continue
		}
		if err := q.Run(ctx, `UPDATE password_resets SET mail = NULL WHERE id = $1 AND mail = $2`, d.ResetID, reset.MailWaiting); err != nil {
			return err
		}
	}
	return q.changeDue(ctx, all, time.Time{}, "")
}

// Renew implements reset.Deliveries. A locked row is being settled, and needs no lease
// any more. Waiting for it could be a deadlock.
func (q queries) Renew(ctx context.Context, held []reset.Delivery, until time.Time) error {
	return q.changeDue(ctx, held, until, q.Dialect.SkipLocked)
}

// changeDue changes when deliveries are due, unless they were settled or another
// worker has leased them since.
func (q queries) changeDue(ctx context.Context, all []reset.Delivery, at time.Time, lock string) error {
	for part := range sqldb.Chunks(all) {
		args := []any{at}
		for _, d := range part {
			args = append(args, d.ID, strconv.Itoa(d.Attempts))
		}
		if err := q.Run(ctx, changeDue(q.Dialect, len(part), lock), args...); err != nil {
			return err
		}
	}
	return nil
}

// changeDue fits no index of what is due. Statistics are usually made while nothing is, and
// by these SQLite would read the whole queue instead of looking up n rows.
func changeDue(d *sqldb.Dialect, n int, lock string) string {
	return `
		WITH held (h_id, h_attempts) AS (VALUES ` + heldRow.Times(n, 1) + `)
		UPDATE reset_deliveries SET next_attempt_at = $1 WHERE id IN (
			SELECT id FROM reset_deliveries JOIN held ON id = ` + fmt.Sprintf(d.UUID, `h_id`) + ` AND attempts = CAST(h_attempts AS integer)
			WHERE CASE WHEN next_attempt_at IS NULL THEN 0 ELSE 1 END = 1 ` + lock + `)`
}

var heldRow = sqldb.RowTemplate{Text: `($1, $2)`, Width: 2}

// ChangedSince implements reset.Deliveries.
func (q queries) ChangedSince(ctx context.Context, userID string, ip netip.Addr, since time.Time) (bool, error) {
	var n int
	err := q.Get(ctx, &n, `
		SELECT count(*) FROM reset_deliveries
		WHERE reset_id IS NULL AND created_at > $1 AND user_id = $2 AND kind = $3 AND ip = $4`,
		since, userID, reset.KindPasswordChanged, ip)
	return n > 0, err
}

// SentAt implements reset.Deliveries.
func (q queries) SentAt(ctx context.Context, id reset.ID) (time.Time, error) {
	var at sqldb.Instant
	err := q.Get(ctx, &at, `
		SELECT sent_at FROM reset_deliveries WHERE reset_id = $1 AND kind IN ($2, $3) AND sent_at IS NOT NULL
		ORDER BY sent_at DESC LIMIT 1`, id, reset.KindResetLink, reset.KindRescue)
	return at.Time, err
}

// Recipient implements reset.Deliveries.
func (q queries) Recipient(ctx context.Context, id reset.ID) (string, error) {
	var to sqldb.Text
	err := q.First(ctx, &to, `
		SELECT recipient FROM reset_deliveries WHERE reset_id = $1 AND kind IN ($2, $3)`, id, reset.KindResetLink, reset.KindRescue)
	return to.V, err
}

// Bounce implements reset.Deliveries.
func (q queries) Bounce(ctx context.Context, id reset.ID, now time.Time) (reset.Delivery, error) {
	d, err := q.DB.Delivery(ctx, `
		UPDATE reset_deliveries SET bounced_at = $2
		WHERE id = $1 AND bounced_at IS NULL AND attempts > 0 AND failed_at IS NULL AND recipient IS NOT NULL
		RETURNING `+sqldb.DeliveryColumns, id, now)
	if err == nil && d.Kind.HasLink() {
		err = q.Run(ctx, `UPDATE password_resets SET mail = $2 WHERE id = $1`, d.ResetID, reset.MailBounced)
	}
	return d, err
}
