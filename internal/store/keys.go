package store

import (
	"context"
	"slices"
	"time"
)

// NoteKeys stores the fingerprint of the key that signs links, and reports whether
// the database was last used with one of these keys. Instances with different keys
// share no links. The first fingerprint is the signing key's.
func (s *Store) NoteKeys(ctx context.Context, fingerprints []string, now time.Time) (same bool, err error) {
	if same, err = s.SameKeys(ctx, fingerprints); err != nil {
		return false, err
	}
	return same, s.Run(ctx, `
		INSERT INTO reset_keys (fingerprint, used_at) VALUES ($1, $2)
		ON CONFLICT (fingerprint) DO UPDATE SET used_at = excluded.used_at`, fingerprints[0], now)
}

// SameKeys reports whether the database was last used with one of these keys, or
// never.
func (s *Store) SameKeys(ctx context.Context, fingerprints []string) (bool, error) {
	var last []string
	err := s.List(ctx, &last, `SELECT fingerprint FROM reset_keys ORDER BY used_at DESC, fingerprint LIMIT 1`)
	return len(last) == 0 || slices.Contains(fingerprints, last[0]), err
}

// WaitUntilUp waits for a database server that is starting or can't be reached. It
// calls waiting with the reason before each wait. Other errors are returned.
func (s *Store) WaitUntilUp(ctx context.Context, waiting func(error)) error {
	return s.pool.WaitUntilUp(ctx, waiting)
}
