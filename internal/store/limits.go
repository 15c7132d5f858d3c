package store

import (
	"context"
	"time"

	"resetd/internal/limit"
	"resetd/internal/store/sqldb"
)

// Charge implements limit.Counters.
func (s *Store) Charge(ctx context.Context, now time.Time, charges []limit.Charge) (counts []limit.Count, err error) {
	err = s.pool.InBatch(ctx, func(db sqldb.DB) error {
		counts, err = counters{db}.Charge(ctx, now, charges)
		return err
	})
	return counts, err
}

var chargeRow = sqldb.RowTemplate{Text: `($1, $2, $3, $4)`, Width: 4}

func countFields(c *limit.Count) []any { return []any{&c.Key, &c.Count, &c.EndsAt} }

// counters charges limits in a transaction.
type counters struct{ sqldb.DB }

// Charge implements limit.Charger. The first charge after the end of a window
// starts a new window.
func (c counters) Charge(ctx context.Context, now time.Time, charges []limit.Charge) (all []limit.Count, err error) {
	for part := range sqldb.Chunks(charges) {
		args := []any{now}
		for _, c := range part {
			args = append(args, c.Key, c.N, c.EndsAt, sqldb.Null(c.Owner))
		}
		counts, err := sqldb.All(ctx, c.DB, countFields, `
			INSERT INTO reset_limits (key, count, ends_at, owner) VALUES `+chargeRow.Times(len(part), 1)+`
			ON CONFLICT (key) DO UPDATE SET
				count = CASE WHEN reset_limits.ends_at <= $1 THEN excluded.count ELSE reset_limits.count + excluded.count END,
				ends_at = CASE WHEN reset_limits.ends_at <= $1 THEN excluded.ends_at ELSE reset_limits.ends_at END
			RETURNING key, count, ends_at`, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, counts...)
	}
	return all, nil
}

// CountsOf implements limit.Counters.
func (s *Store) CountsOf(ctx context.Context, now time.Time, owner, key string) ([]limit.Count, error) {
	return sqldb.All(ctx, s.DB, countFields, `SELECT key, count, ends_at FROM reset_limits WHERE (owner = $1 OR key = $2) AND ends_at > $3 ORDER BY key`, owner, key, now)
}

// ClearSignIns implements reset.Resets.
func (q queries) ClearSignIns(ctx context.Context, owner string) (int64, error) {
	return q.Exec(ctx, `DELETE FROM reset_limits WHERE owner = $1`, owner)
}

// ClearRequests implements reset.Resets.
func (q queries) ClearRequests(ctx context.Context, counter string) error {
	return q.Run(ctx, `DELETE FROM reset_limits WHERE key = $1`, counter)
}

// CountUp implements reset.Resets.
func (q queries) CountUp(ctx context.Context, key string, now, until time.Time) (int, error) {
	counts, err := counters{q.DB}.Charge(ctx, now, []limit.Charge{{Key: key, N: 1, EndsAt: until}})
	if err != nil {
		return 0, err
	}
	return counts[0].Count, nil
}

// Refund implements limit.Counters.
func (s *Store) Refund(ctx context.Context, now time.Time, keys []string) error {
	var c sqldb.Conditions
	c.Add(`ends_at > ?`, now)
	return s.Run(ctx, `UPDATE reset_limits SET count = count - 1`+c.Where(`key IN (`+sqldb.BindAll(&c, keys)+`)`, `count > 0`), c.Args...)
}

// DeleteEndedLimits removes counters whose windows have ended.
func (s *Store) DeleteEndedLimits(ctx context.Context, now time.Time) error {
	return s.Run(ctx, `DELETE FROM reset_limits WHERE ends_at <= $1`, now)
}
