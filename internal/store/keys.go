package store

import (
	"context"
	"time"
)

// NoteKeys stores the fingerprint of the key that signs links, and reports whether
// the database was last used with one of these keys. Instances with different keys
// share no links. The first fingerprint is the signing key's. With an error, same is false
// only if it is known.
func (s *Store) NoteKeys(ctx context.Context, fingerprints []string, now time.Time) (same bool, err error) {
	if same, err = s.SameKeys(ctx, fingerprints); err != nil {
		return true, err
	}
	return same, s.Run(ctx, `
		INSERT INTO reset_keys (fingerprint, used_at) VALUES ($1, $2)
		ON CONFLICT (fingerprint) DO UPDATE SET used_at = excluded.used_at`, fingerprints[0], now)
}
