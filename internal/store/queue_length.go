package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Waits returns how much work waits.
func (s *Store) Waits(ctx context.Context, now time.Time) (reset.Waiting, error) {
	fields := func(w *reset.Waiting) []any { return []any{&w.Unsettled, &w.Due, &w.Oldest, &w.Claims} }
	return sqldb.One(ctx, s.DB, fields, `
		SELECT count(*), count(CASE WHEN next_attempt_at <= $1 THEN 1 END), min(created_at),
			(SELECT count(*) FROM reset_claims WHERE held_until <= $1)
		FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`, now)
}
