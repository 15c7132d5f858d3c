package store

import (
	"bytes"
	"context"
	"slices"

	"resetd/internal/history"
)

// walk looks at the newest rows one by one, until it has n matches or stands at
// the end. It suits what many rows have. Where the status is restricted it looks
// at the rows of that status. Most is how many rows it looks at of each status at
// most, or everyRow.
func (s search) walk(ctx context.Context, after history.Position, n, most int) (found []history.Position, err error) {
	if len(s.settled()) == len(everySettled) {
		var c conditions
		s.times(&c, created, after)
		return s.along(ctx, c, created, n, most)
	}
	by := s.dialect.byStatus()
	for _, v := range s.settled() {
		var c conditions
		s.lives(&c)
		s.times(&c, by, after)
		c.settled([]int{v})
		spots, err := s.along(ctx, c, by, n, most)
		if err != nil {
			return nil, err
		}
		found = append(found, spots...)
	}
	slices.SortFunc(found, newer)
	return found[:min(n, len(found))], nil
}

// along walks an index. What the rows are chosen by stands outside, so that no
// planner thinks of looking for it in another way.
func (s search) along(ctx context.Context, c conditions, by column, n, most int) ([]history.Position, error) {
	fence := s.dialect.fence()
	if most != everyRow {
		fence = ` LIMIT ` + c.bind(most)
	}
	rows := `SELECT id, created_at, email, created_by_ip, used_by_ip FROM password_resets` + c.and("") + by.newestFirst() + fence
	match := conditions{args: c.args}
	s.sought(&match)
	matches := `SELECT id, created_at FROM (` + rows + `) AS password_resets` + match.and("") + ` LIMIT ` + match.bind(n)
	return s.spots(ctx, `SELECT id, created_at FROM (`+matches+`) AS found ORDER BY created_at DESC, id DESC`, match.args...)
}

func newer(a, b history.Position) int {
	if c := b.CreatedAt.Compare(a.CreatedAt); c != 0 {
		return c
	}
	return bytes.Compare(b.ID[:], a.ID[:])
}
