package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"resetd/internal/limit"
	"resetd/internal/store/sqldb"
)

// Charge implements limit.Counters with one statement for all keys. The first
// charge after the end of a window starts a new window.
func (s *Store) Charge(ctx context.Context, now time.Time, charges []limit.Charge) ([]limit.Count, error) {
	args := []any{now}
	var rows []string
	for _, c := range charges {
		args = append(args, c.Key, c.EndsAt)
		rows = append(rows, fmt.Sprintf("($%d, 1, $%d)", len(args)-1, len(args)))
	}
	var counts []struct {
		Key    string        `db:"key"`
		Count  int           `db:"count"`
		EndsAt sqldb.Instant `db:"ends_at"`
	}
	err := s.List(ctx, &counts, `
		INSERT INTO reset_limits (key, count, ends_at) VALUES `+strings.Join(rows, ", ")+`
		ON CONFLICT (key) DO UPDATE SET
			count = CASE WHEN reset_limits.ends_at <= $1 THEN 1 ELSE reset_limits.count + 1 END,
			ends_at = CASE WHEN reset_limits.ends_at <= $1 THEN excluded.ends_at ELSE reset_limits.ends_at END
		RETURNING key, count, ends_at`, args...)
	out := make([]limit.Count, len(counts))
	for i, c := range counts {
		out[i] = limit.Count{Key: c.Key, Count: c.Count, EndsAt: c.EndsAt.Time}
	}
	return out, err
}

// Refund implements limit.Counters.
func (s *Store) Refund(ctx context.Context, now time.Time, keys []string) error {
	args := []any{now}
	places := make([]string, len(keys))
	for i, key := range keys {
		args = append(args, key)
		places[i] = fmt.Sprintf("$%d", len(args))
	}
	return s.Run(ctx, `
		UPDATE reset_limits SET count = count - 1
		WHERE key IN (`+strings.Join(places, ", ")+`) AND count > 0 AND ends_at > $1`, args...)
}

// DeleteEndedLimits removes counters whose windows have ended.
func (s *Store) DeleteEndedLimits(ctx context.Context, now time.Time) error {
	return s.Run(ctx, `DELETE FROM reset_limits WHERE ends_at <= $1`, now)
}
