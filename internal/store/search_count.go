package store

import (
	"context"
	"time"

	"resetd/internal/history"
)

// Count implements history.Store.
func (s *Store) Count(ctx context.Context, f history.Filter, now time.Time, most int) (n int, err error) {
	q := s.search(f, now)
	switch {
	case q.impossible():
		return 0, nil
	case q.Network.IsValid():
		spots, err := q.newest(ctx, history.Position{}, most+1)
		return len(spots), err
	}
	var c conditions
	q.matches(&c)
	q.times(&c, created, history.Position{})
	if !q.anySettled() {
		c.settled(q.settled())
	}
	err = s.get(ctx, &n, `SELECT count(*) FROM (SELECT 1 FROM password_resets`+c.and("")+` LIMIT `+c.bind(most+1)+`) AS found`, c.args...)
	return n, err
}
