package store

import (
	"context"
	"net/netip"

	"resetd/internal/history"
)

// One IP address stands in order of time in an index. A network that no more than
// rareMatches have is one range of that index, and one that many have is found at
// a glance of the newest rows. What is between is searched for by day: another
// index has each day's addresses in their order, so that a network is one range of
// a day. The days are asked newest first until there are rows enough to choose
// from. Where fewMatches are not all of the first day, up to manyMatches of it are
// sorted. A day with more is rather walked by time: they are close together then.
var rareMatches, fewMatches, manyMatches = 2500, 200, 1000

func (s search) byNetwork(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	one := s.Network.IsSingleIP()
	if one && s.anySettled() {
		return s.byIP(ctx, after, n)
	}
	rare, err := s.rare(ctx)
	switch {
	case err != nil:
		return nil, err
	case rare && one: // so that its rows are few, whatever is asked of them
		return s.byIP(ctx, after, n)
	case rare:
		return s.byRareNetwork(ctx, after, n)
	}
	if found, enough, err := s.look(ctx, after, n, glance); err != nil || enough {
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

// byIP walks the indexes that have the resets of one address in their order.
func (s search) byIP(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	return s.askedOrUsed(ctx, after, n, func(c conditions, is, limit string) string {
		return `SELECT * FROM (SELECT id, created_at FROM password_resets` + c.and(is) + newestFirst + limit + `) AS arm`
	})
}

// byRareNetwork sorts all matches, of which the index knows the time. Only where
// more than that is asked for are their rows read.
func (s search) byRareNetwork(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	return s.askedOrUsed(ctx, after, n, func(c conditions, is, _ string) string {
		return `SELECT id, created_at FROM (SELECT * FROM password_resets WHERE ` + is + s.dialect.fence() + `) AS password_resets` + c.and("")
	})
}

// askedOrUsed merges what two indexes find, each by its arm of the query.
func (s search) askedOrUsed(ctx context.Context, after history.Position, n int, arm func(c conditions, is, limit string) string) ([]history.Position, error) {
	var c conditions
	asked, used := s.asked(&c), s.used(&c)
	s.Network = netip.Prefix{}
	s.matches(&c)
	s.times(&c, created, after)
	c.settled(s.settled())
	limit := c.bind(n)
	return s.spots(ctx, `SELECT id, created_at FROM (`+arm(c, asked, limit)+` UNION `+arm(c, used, limit)+`) AS found`+newestFirst+limit, c.args...)
}
