package store

import (
	"context"
	"time"
)

// purgeBatch is how many rows one statement removes: few enough that nobody
// waits for its locks.
const purgeBatch = 1000

// Purge removes resets that were created before a time, with their deliveries
// and events, and notices of that age that no reset is behind. It never removes
// a link that is alive at now, nor anything whose mail is still due. It returns
// the number of resets that it removed, also when it fails half way.
func (s *Store) Purge(ctx context.Context, before, now time.Time) (removed int64, err error) {
	if _, err := s.inBatches(ctx, `
		DELETE FROM reset_deliveries WHERE id IN (
			SELECT id FROM reset_deliveries
			WHERE reset_id IS NULL AND next_attempt_at IS NULL AND created_at < $1 LIMIT $2)`, before); err != nil {
		return 0, err
	}
	return s.inBatches(ctx, `
		DELETE FROM password_resets WHERE id IN (
			SELECT id FROM password_resets
			WHERE created_at < $1
				AND (expires_at <= $3 OR used_at IS NOT NULL OR revoked_at IS NOT NULL OR withheld IS NOT NULL)
				AND NOT EXISTS (SELECT 1 FROM reset_deliveries d WHERE d.reset_id = password_resets.id AND d.next_attempt_at IS NOT NULL)
			ORDER BY created_at LIMIT $2)`, before, now)
}

// inBatches repeats a statement, $1 the first argument and $2 its batch, until
// it finds nothing.
func (s *Store) inBatches(ctx context.Context, query string, first any, more ...any) (total int64, err error) {
	args := append([]any{first, purgeBatch}, more...)
	for {
		n, err := s.exec(ctx, query, args...)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}
