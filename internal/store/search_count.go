package store

import (
	"context"
	"time"

	"resetd/internal/history"
)

// Count implements history.Store.
func (s *Store) Count(ctx context.Context, f history.Filter, now time.Time, most int) (int, error) {
	spots, err := s.search(f, now).newest(ctx, history.Position{}, most+1)
	return len(spots), err
}
