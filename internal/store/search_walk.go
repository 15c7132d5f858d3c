package store

import (
	"context"

	"resetd/internal/history"
)

// firstStride is how many rows the first step of a walk looks at: enough for
// what is common, and soon done for what is not.
var firstStride = 500

const lastStride = 64_000

// hit is a row of a walk: a match, or the last that was looked at.
type hit struct {
	spot
	Hit bool `db:"hit"`
}

// walk looks at the newest rows one by one, in strides that grow, until it has n
// matches or stands at the end.
func (s search) walk(ctx context.Context, after history.Position, n int) (found []history.Position, err error) {
	for stride := firstStride; len(found) < n; stride = min(8*stride, lastStride) {
		hits, err := s.stride(ctx, after, n-len(found)+1, stride)
		if err != nil || len(hits) == 0 {
			return found, err
		}
		for _, h := range hits {
			after = history.Position{CreatedAt: h.CreatedAt.Time, ID: h.ID}
			if h.Hit && len(found) < n {
				found = append(found, after)
			}
		}
	}
	return found, nil
}

// stride looks at so many rows. The limit keeps the planner from looking for
// the matches in another way.
func (s search) stride(ctx context.Context, after history.Position, n, rows int) (hits []hit, err error) {
	var c, m conditions
	looked := s.inTime(&c, "*", after, c.bind(rows))
	m.args = c.args
	s.matches(&m)
	hit := m.and("")[len(" WHERE "):]
	err = s.list(ctx, &hits, `
		WITH looked AS MATERIALIZED (SELECT id, created_at, (CASE WHEN `+hit+` THEN TRUE ELSE FALSE END) AS hit FROM (`+looked+`) AS password_resets)
		SELECT id, created_at, hit FROM looked
		WHERE hit OR id = (SELECT id FROM looked ORDER BY created_at, id LIMIT 1)`+newestFirst+m.bind(n), m.args...)
	return hits, err
}
