package store

import (
	"context"

	"resetd/internal/history"
)

// glance is how many of the newest rows are looked at first.
var glance = 2500

// A part of an address is looked for among the newest rows first: what many
// addresses have in them is found so. What few have is rather looked for among
// the addresses, by an index of their letters. A glance says how much of it there
// is, and that which of the two costs less.
//
// What the addresses cost, in rows that a walk passes meanwhile: to be asked, and
// for each row whose address matches.
var askAddresses, fetchMatch = 12_000, 1

func (s search) byPart(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	if !s.dialect.addresses {
		return s.walk(ctx, after, n)
	}
	found, enough, err := s.look(ctx, after, n, glance)
	if err != nil || enough {
		return found, err
	}
	k, err := s.kept(ctx)
	if err != nil {
		return nil, err
	}
	if s.left(k, after) <= askAddresses {
		return s.walk(ctx, after, n)
	}
	if far := walkFor(n, len(found), k.Resets); far > 0 {
		if found, enough, err = s.look(ctx, after, n, far); err != nil || enough {
			return found, err
		}
	}
	return s.byAddresses(ctx, after, n)
}

// left is about how many resets can hold a match, if each day has the same.
func (s search) left(k kept, after history.Position) int {
	first, last := s.span(k, after)
	share := last.Sub(first).Seconds() / max(1, k.Newest.Sub(k.Oldest.Time).Seconds())
	return int(float64(k.Resets) * share)
}

// walkFor is how many rows a walk has to pass, with room for chance, where a
// glance found so many of n; 0 where the addresses cost less.
func walkFor(n, found, resets int) int {
	if found == 0 {
		return 0
	}
	far := glance * n / found
	if far > askAddresses+fetchMatch*found*(resets/glance) {
		return 0
	}
	return far * 5 / 4
}
