package store

import (
	"bytes"
	"context"
	"slices"

	"resetd/internal/history"
)

// everyRow lets a look go on to the end.
const everyRow = 0

// walk looks at the newest rows one by one, until it has n matches or stands at
// the end. It suits what many rows have.
func (s search) walk(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	found, _, err := s.look(ctx, after, n, everyRow)
	return found, err
}

// look is a walk that may end early, after so many rows. Where the status is
// restricted it looks at the rows of that status: of each reason, since only
// those stand in order. Enough says that what it found are the n newest.
func (s search) look(ctx context.Context, after history.Position, n, most int) (found []history.Position, enough bool, err error) {
	if s.anySettled() {
		var c conditions
		s.times(&c, created, after)
		found, err = s.along(ctx, c, created, n, most)
		return found, len(found) == n, err
	}
	by := s.dialect.byStatus()
	enough = true
	for _, v := range s.settled() {
		var c conditions
		s.lives(&c)
		s.times(&c, by, after)
		c.settled([]int{v})
		spots, err := s.along(ctx, c, by, n, most)
		if err != nil {
			return nil, false, err
		}
		enough = enough && len(spots) == n
		found = append(found, spots...)
	}
	slices.SortFunc(found, newer)
	return found[:min(n, len(found))], enough, nil
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
