package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Waits returns how much work waits.
func (s *Store) Waits(ctx context.Context, now time.Time) (reset.Waiting, error) {
	var row struct {
		Due       int           `db:"due"`
		Unsettled int           `db:"unsettled"`
		Oldest    sqldb.Instant `db:"oldest"`
		Claims    int           `db:"claims"`
	}
	err := s.Get(ctx, &row, `
		SELECT count(*) AS unsettled, count(CASE WHEN next_attempt_at <= $1 THEN 1 END) AS due, min(created_at) AS oldest,
			(SELECT count(*) FROM reset_claims WHERE held_until <= $1) AS claims
		FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`, now)
	return reset.Waiting{Due: row.Due, Unsettled: row.Unsettled, Oldest: row.Oldest.Time, Claims: row.Claims}, err
}
