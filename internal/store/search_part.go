package store

import (
	"context"
	"unicode/utf8"

	"resetd/internal/history"
)

// trigram is the shortest part that an index of three letters each finds.
const trigram = 3

// glance is how many of the newest rows are looked at before an index is asked
// for a part: what many addresses have in them is found so, and what few have by
// the index, which would have to sort the many.
var glance = 10_000

func (s search) byPart(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	if utf8.RuneCountInString(s.Part) < trigram {
		return s.walk(ctx, after, n)
	}
	var indexed bool
	if err := s.get(ctx, &indexed, s.dialect.partsIndexed); err != nil || !indexed {
		return s.walk(ctx, after, n)
	}
	if found, enough, err := s.look(ctx, after, n, glance); err != nil || enough {
		return found, err
	}
	return s.byTrigrams(ctx, after, n)
}

// byTrigrams sorts all matches. They stand in a query of their own, so that no
// planner thinks of a walk.
func (s search) byTrigrams(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	var c conditions
	s.matches(&c)
	s.times(&c, created, after)
	if len(s.settled()) < len(everySettled) {
		c.settled(s.settled())
	}
	return s.spots(ctx, `
		WITH found AS MATERIALIZED (SELECT id, created_at FROM password_resets`+c.and("")+`)
		SELECT id, created_at FROM found`+newestFirst+c.bind(n), c.args...)
}
