package store

import (
	"context"
	"time"

	"resetd/internal/reset"
)

// purgeBatch is how many rows one transaction removes. It is small, so other
// transactions do not wait long for its locks.
const purgeBatch = 1000

// Purge removes resets created before a given time, with their deliveries and
// events. It also removes deliveries, events of accounts and audit rows of that
// age that belong to no reset. It never removes a link that is alive at now, a row whose
// email is still due, nor one whose notice of a new password has a "this wasn't me" that
// still works. It returns the number of removed resets, even
// together with an error.
func (s *Store) Purge(ctx context.Context, before, now time.Time) (removed int64, err error) {
	noticed := now.Add(-reset.NotMeLifetime)
	_, err = s.inBatches(ctx, now, `
		DELETE FROM reset_deliveries WHERE id IN (
			SELECT id FROM reset_deliveries
			WHERE reset_id IS NULL AND next_attempt_at IS NULL AND created_at < $1 AND (kind <> $3 OR created_at < $4) LIMIT $2)`,
		before, purgeBatch, reset.KindPasswordChanged, noticed)
	if err != nil {
		return 0, err
	}
	for _, query := range []string{
		`DELETE FROM reset_events WHERE id IN (SELECT id FROM reset_events WHERE reset_id IS NULL AND at < $1 LIMIT $2)`,
		`DELETE FROM reset_checks WHERE id IN (SELECT id FROM reset_checks WHERE asked_at < $1 LIMIT $2)`,
		`DELETE FROM reset_audit WHERE id IN (SELECT id FROM reset_audit WHERE at < $1 LIMIT $2)`,
	} {
		if _, err := s.inBatches(ctx, now, query, before, purgeBatch); err != nil {
			return 0, err
		}
	}
	return s.inBatches(ctx, now, `
		DELETE FROM password_resets WHERE id IN (
			SELECT id FROM password_resets
			WHERE created_at < $1 AND (expires_at <= $3 OR used_at IS NOT NULL OR revoked_at IS NOT NULL OR withheld IS NOT NULL)
				AND (used_at IS NULL OR used_at < $4)
				AND NOT EXISTS (SELECT 1 FROM reset_deliveries d WHERE d.reset_id = password_resets.id AND d.next_attempt_at IS NOT NULL)
			ORDER BY created_at LIMIT $2)`, before, purgeBatch, now, noticed)
}

// inBatches repeats a statement until it removes no rows. The row in reset_purge
// permits this transaction to remove events and audit rows; other transactions do
// not see it.
func (s *Store) inBatches(ctx context.Context, now time.Time, query string, args ...any) (total int64, err error) {
	for n := int64(1); n > 0 && err == nil; total += n {
		err = s.inTx(ctx, func(q queries) (err error) {
			if err := q.Run(ctx, `INSERT INTO reset_purge (started_at) VALUES ($1)`, now); err != nil {
				return err
			}
			if n, err = q.Exec(ctx, query, args...); err != nil {
				return err
			}
			return q.Run(ctx, `DELETE FROM reset_purge`)
		})
		if err != nil {
			n = 0
		}
	}
	return total, err
}
