package store

import (
	"context"
	"net/netip"

	"resetd/internal/history"
)

// A network that no more than rareMatches have is one range of an index, and one
// that many have is found at a glance of the newest fewRows. What is between is
// searched for by day: the index has each day's addresses in their order, so that
// a network is one range of a day. The days are asked newest first until there
// are rows enough to choose from. Where fewMatches are not all of the first day,
// up to manyMatches of it are sorted. A day with more is rather walked by time:
// they are close together then.
var rareMatches, fewRows, fewMatches, manyMatches = 1000, 2500, 200, 1000

func (s search) byNetwork(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	rare, err := s.rare(ctx)
	if err != nil {
		return nil, err
	}
	if rare {
		return s.byRareNetwork(ctx, after, n)
	}
	if found, enough, err := s.look(ctx, after, n, fewRows); err != nil || enough {
		return found, err
	}
	return s.byDays(ctx, after, n)
}

// asked and used choose the rows of the network, each by an index of its own.
// Most links are used where they were asked for, so the second has few.
func (s search) asked(c *conditions) string { return s.within(c, "created_by_ip") }

func (s search) used(c *conditions) string {
	return `used_by_ip <> created_by_ip AND ` + s.within(c, "used_by_ip")
}

func (s search) rare(ctx context.Context) (rare bool, err error) {
	var c conditions
	most := c.bind(rareMatches)
	few := func(is string) string {
		return `(SELECT count(*) FROM (SELECT 1 FROM password_resets WHERE ` + is + ` LIMIT ` + most + `) AS found) < ` + most
	}
	err = s.get(ctx, &rare, `SELECT `+few(s.asked(&c))+` AND `+few(s.used(&c)), c.args...)
	return rare, err
}

// byRareNetwork sorts all matches, of which the index knows the time. Only where
// more than that is asked for are they looked at.
func (s search) byRareNetwork(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	var found, rest conditions
	network := `SELECT id, created_at FROM password_resets WHERE ` + s.asked(&found) + ` UNION SELECT id, created_at FROM password_resets WHERE ` + s.used(&found)
	s.times(&found, created, after)
	rest.args = found.args
	s.Network = netip.Prefix{}
	s.matches(&rest)
	if len(s.settled()) < len(everySettled) {
		rest.settled(s.settled())
	}
	if len(rest.where) > 0 {
		found.where = append(found.where, `id IN (SELECT id FROM password_resets`+rest.and(`id IN (SELECT id FROM network)`)+`)`)
		found.args = rest.args
	}
	return s.spots(ctx, `
		WITH network AS MATERIALIZED (`+network+`)
		SELECT id, created_at FROM network`+found.and("")+newestFirst+found.bind(n), found.args...)
}
