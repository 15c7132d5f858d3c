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
	case q.Part != "" && q.dialect.addresses && q.Status != history.MailFailed: // few fail, and an index has those
		return q.countPart(ctx, most)
	}
	var c conditions
	q.matches(&c)
	q.times(&c, created, history.Position{})
	c.settled(q.settled())
	err = s.get(ctx, &n, `SELECT count(*) FROM (SELECT 1 FROM password_resets`+c.and("")+` LIMIT `+c.bind(most+1)+`) AS found`, c.args...)
	return n, err
}

// countPart counts the resets of one address after the other, until there are
// enough. OFFSET keeps PostgreSQL from looking at all resets instead.
func (s search) countPart(ctx context.Context, most int) (n int, err error) {
	var c conditions
	addresses := s.matching(&c, history.Position{})
	c.where = []string{`email = address`}
	s.Part = ""
	s.matches(&c)
	s.times(&c, created, history.Position{})
	c.settled(s.settled())
	err = s.get(ctx, &n, `
		SELECT count(*) FROM (
			SELECT 1 FROM (`+addresses+`) AS addresses CROSS JOIN LATERAL (SELECT 1 FROM password_resets`+c.and("")+` OFFSET 0) AS resets LIMIT `+c.bind(most+1)+`) AS found`, c.args...)
	return n, err
}
