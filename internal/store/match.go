package store

import (
	"context"
	"fmt"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// matchRow is id, user_id, withheld, account_state, mail, revoked_at, revoked_by of a
// reset; deliveryRow is id, user_id, recipient, locale, kind of its delivery.
var (
	matchRow    = sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5, $6, $7)`, Width: 7}
	deliveryRow = sqldb.RowTemplate{Text: `($1, $2, $3, $4, $5)`, Width: 5}
)

// Match implements reset.Resets.
func (q queries) Match(ctx context.Context, all []reset.Queued) (map[reset.ID]bool, error) {
	mine := map[reset.ID]bool{}
	for part := range sqldb.Chunks(all) {
		if err := q.matchResets(ctx, part, mine); err != nil {
			return nil, err
		}
		if err := q.matchDeliveries(ctx, part, mine); err != nil {
			return nil, err
		}
	}
	return mine, nil
}

// received is the condition for a reset whose account was not looked up yet. It is
// written so that it fits no index: the row is found by its id, and the index of
// accounts has all resets without an account in one place.
const received = `COALESCE(user_id, withheld, revoked_by) IS NULL`

func (q queries) matchResets(ctx context.Context, part []reset.Queued, mine map[reset.ID]bool) error {
	var args []any
	for _, m := range part {
		r := m.Reset
		args = append(args, r.ID, sqldb.Null(r.UserID), sqldb.Null(r.Withheld), sqldb.Null(r.AccountState), sqldb.Null(r.Mail),
			r.RevokedAt, sqldb.Null(r.RevokedBy))
	}
	var ids []reset.ID
	err := q.List(ctx, &ids, `
		WITH match (m_id, m_user, m_withheld, m_state, m_mail, m_revoked_at, m_revoked_by) AS (VALUES `+matchRow.Times(len(part), 0)+`)
		UPDATE password_resets SET user_id = m_user, withheld = m_withheld, account_state = m_state, mail = m_mail,
			revoked_at = `+fmt.Sprintf(q.Dialect.Time, `m_revoked_at`)+`, revoked_by = m_revoked_by
		FROM match WHERE id = `+fmt.Sprintf(q.Dialect.UUID, `m_id`)+` AND `+received+`
		RETURNING id`, args...)
	for _, id := range ids {
		mine[id] = true
	}
	return err
}

// matchDeliveries stores the recipients. A delivery without one is settled. The
// lease of the others goes on.
func (q queries) matchDeliveries(ctx context.Context, part []reset.Queued, mine map[reset.ID]bool) error {
	var args []any
	for _, m := range part {
		d := m.Delivery
		if !mine[m.Reset.ID] {
			d.ID = reset.ID{} // matches nothing; the number of rows stays the same
		}
		args = append(args, d.ID, sqldb.Null(d.UserID), sqldb.Null(d.Recipient), d.Locale, d.Kind)
	}
	return q.Run(ctx, `
		WITH match (m_id, m_user, m_recipient, m_locale, m_kind) AS (VALUES `+deliveryRow.Times(len(part), 0)+`)
		UPDATE reset_deliveries SET user_id = m_user, recipient = m_recipient, locale = m_locale, kind = m_kind,
			next_attempt_at = CASE WHEN m_recipient IS NOT NULL THEN next_attempt_at END
		FROM match WHERE id = `+fmt.Sprintf(q.Dialect.UUID, `m_id`), args...)
}

// MatchSignUps implements reset.Deliveries.
func (q queries) MatchSignUps(ctx context.Context, all []reset.Delivery) error {
	for _, d := range all {
		err := q.Run(ctx, `
			UPDATE reset_deliveries SET kind = $3, user_id = $4, recipient = $5, locale = $6,
				next_attempt_at = CASE WHEN $7 THEN next_attempt_at END
			WHERE id = $1 AND attempts = $2 AND next_attempt_at IS NOT NULL`,
			d.ID, d.Attempts, d.Kind, sqldb.Null(d.UserID), sqldb.Null(d.Recipient), d.Locale, d.Recipient != "")
		if err != nil {
			return err
		}
	}
	return nil
}

// LastUses implements reset.Resets.
func (q queries) LastUses(ctx context.Context, userIDs []string, since, until time.Time) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	for part := range sqldb.Chunks(userIDs) {
		var c sqldb.Conditions
		c.Add(`created_at >= ?`, since)
		c.Add(`used_at <= ?`, until)
		var uses []struct {
			UserID string        `db:"user_id"`
			At     sqldb.Instant `db:"at"`
		}
		err := q.List(ctx, &uses, `
			SELECT user_id, max(used_at) AS at FROM password_resets`+c.Where(`user_id IN (`+sqldb.BindAll(&c, part)+`)`)+`
			GROUP BY user_id`, c.Args...)
		if err != nil {
			return nil, err
		}
		for _, u := range uses {
			last[u.UserID] = u.At.Time
		}
	}
	return last, nil
}
