package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

func checkFields(c *reset.Check) []any {
	return []any{&c.ID, &c.UserID, &c.AskedBy, &c.AskedAt, &c.ExpiresAt, &c.Tries, &c.PassedAt, &c.PassedBy}
}

// AddCheck implements reset.Checks. Call it inside InTx.
func (q queries) AddCheck(ctx context.Context, c reset.Check) error {
	err := q.Run(ctx, `UPDATE reset_checks SET expires_at = $2 WHERE user_id = $1 AND expires_at > $2`, c.UserID, c.AskedAt)
	if err != nil {
		return err
	}
	return q.Run(ctx, `INSERT INTO reset_checks (id, user_id, asked_by, asked_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
		c.ID, c.UserID, c.AskedBy, c.AskedAt, c.ExpiresAt)
}

// LatestCheck implements reset.Checks.
func (q queries) LatestCheck(ctx context.Context, userID string) (reset.Check, error) {
	return sqldb.One(ctx, q.DB, checkFields, `
		SELECT id, user_id, asked_by, asked_at, expires_at, tries, passed_at, passed_by
		FROM reset_checks WHERE user_id = $1 ORDER BY asked_at DESC, expires_at DESC LIMIT 1`, userID)
}

// TryCode implements reset.Checks.
func (q queries) TryCode(ctx context.Context, id reset.ID, right bool, now time.Time, by string) error {
	passedAt, passedBy := time.Time{}, ""
	if right {
		passedAt, passedBy = now, by
	}
	return q.ExecOne(ctx, `
		UPDATE reset_checks SET tries = tries + 1, passed_at = $2, passed_by = $3
		WHERE id = $1 AND passed_at IS NULL AND tries < $4 AND expires_at > $5`, id, passedAt, sqldb.Null(passedBy), reset.CheckTries, now)
}
