package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// deniable is the condition for a notice whose "this wasn't me" works.
const deniable = `kind = '` + string(reset.KindPasswordChanged) + `' AND denied_at IS NULL AND NOT EXISTS (
	SELECT 1 FROM password_resets r
	WHERE r.user_id = reset_deliveries.user_id AND r.requested_by = '` + reset.RequestedByRescue + `' AND r.used_at > reset_deliveries.created_at)`

// Deny implements reset.Deliveries.
func (q queries) Deny(ctx context.Context, id, rescue reset.ID, now time.Time) error {
	return q.ExecOne(ctx, `UPDATE reset_deliveries SET denied_at = $2, rescue_id = $3 WHERE id = $1 AND `+deniable, id, now, rescue)
}

// RescuedSince implements reset.Resets.
func (q queries) RescuedSince(ctx context.Context, userID string, since time.Time) (bool, error) {
	var n int
	err := q.Get(ctx, &n, `
		SELECT count(*) FROM password_resets WHERE user_id = $1 AND requested_by = $2 AND used_at > $3`,
		userID, reset.RequestedByRescue, since)
	return n > 0, err
}

// LatestRescue implements reset.Resets.
func (q queries) LatestRescue(ctx context.Context, userID string) (reset.Reset, error) {
	return q.DB.Reset(ctx, `
		SELECT `+sqldb.ResetColumns+` FROM password_resets WHERE user_id = $1 AND requested_by = $2
		ORDER BY created_at DESC, id DESC LIMIT 1`,
		userID, reset.RequestedByRescue)
}

// PasswordSetSince implements reset.Resets.
func (q queries) PasswordSetSince(ctx context.Context, userID string, since time.Time) (bool, error) {
	var n int
	err := q.Get(ctx, &n, `
		SELECT (SELECT count(*) FROM password_resets WHERE user_id = $1 AND used_at > $2) +
			(SELECT count(*) FROM reset_deliveries WHERE reset_id IS NULL AND created_at > $2 AND user_id = $1 AND kind = $3)`,
		userID, since, reset.KindPasswordChanged)
	return n > 0, err
}
