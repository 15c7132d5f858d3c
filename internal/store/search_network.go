package store

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// A network is searched for by day: the index has each day's addresses in their
// order, so that a network is one range of a day. The newest day is asked first,
// then more and more of them at once. That finds the rows of a quiet network
// however old they are, in one descent for each day. A day with more matches
// than manyMatches is rather walked by time: they are close together then.
var manyMatches = 1000

const mostDays = 1024

func (s search) byNetwork(ctx context.Context, after history.Position, n int) (found []history.Position, err error) {
	first, last, err := s.days(ctx, after)
	if err != nil || first.IsZero() {
		return nil, err
	}
	for count := 1; len(found) < n && !last.Before(first); {
		from := later(first, last.AddDate(0, 0, 1-count))
		spots, all, err := s.inDays(ctx, from, last, after, n-len(found))
		switch {
		case err != nil:
			return nil, err
		case !all && !from.Equal(last):
			count = 1
			continue
		case !all:
			if spots, err = s.walkDay(ctx, last, after, n-len(found)); err != nil {
				return nil, err
			}
		}
		found = append(found, spots...)
		last, count = from.AddDate(0, 0, -1), min(4*count, mostDays)
	}
	return found, nil
}

// days are the first and the last day that can hold a match.
func (s search) days(ctx context.Context, after history.Position) (first, last time.Time, err error) {
	var kept struct {
		Oldest instant `db:"oldest"`
		Newest instant `db:"newest"`
	}
	err = s.get(ctx, &kept, `SELECT (SELECT min(created_at) FROM password_resets) AS oldest, (SELECT max(created_at) FROM password_resets) AS newest`)
	if err != nil || kept.Oldest.IsZero() {
		return first, last, err
	}
	first, last = later(kept.Oldest.Time, s.Since), kept.Newest.Time
	if !s.Until.IsZero() && s.Until.Before(last) {
		last = s.Until
	}
	if !after.CreatedAt.IsZero() && after.CreatedAt.Before(last) {
		last = after.CreatedAt
	}
	if s.Status == reset.StatusOpened || s.Status == reset.StatusPending {
		first = later(first, s.now.Add(-reset.MaxLifetime))
	}
	return dayOf(first), dayOf(last), nil
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// inDays finds the newest matches of some days; all is false where there are
// too many to sort.
func (s search) inDays(ctx context.Context, first, last time.Time, after history.Position, n int) (spots []history.Position, all bool, err error) {
	var c conditions
	query := s.ofDays(&c, first, last, after, manyMatches+1)
	var found []struct {
		spot
		Total int `db:"total"`
	}
	err = s.list(ctx, &found, query+`
		SELECT id, created_at, (SELECT count(*) FROM found) AS total FROM found`+newestFirst+c.bind(n), c.args...)
	all = true
	for _, f := range found {
		all = f.Total <= manyMatches
		spots = append(spots, history.Position{CreatedAt: f.CreatedAt.Time, ID: f.ID})
	}
	return spots, all, err
}

// ofDays begins a statement with found, at most so many matches of some days.
func (s search) ofDays(c *conditions, first, last time.Time, after history.Position, most int) string {
	days := s.dialect.day() + ` IN (` + listed(first, last) + `)`
	rest := s
	rest.Network = netip.Prefix{}
	rest.matches(c)
	s.times(c, created, after)
	limit := ` LIMIT ` + c.bind(most)
	arm := func(conditions ...string) string {
		all := strings.Join(append(conditions, days), " AND ")
		return `SELECT * FROM (SELECT id, created_at FROM password_resets` + c.and(all) + limit + `) AS arm`
	}
	arms := arm(settled+` IN (`+joined(s.settled())+`)`, s.within(c, "created_by_ip"))
	if slices.Contains(s.settled(), settledUsed) { // others were not used from anywhere
		arms += ` UNION ` + arm(`used_by_ip <> created_by_ip`, s.within(c, "used_by_ip"))
	}
	return `WITH found AS MATERIALIZED (SELECT id, created_at FROM (` + arms + `) AS arms` + limit + `)`
}

// listed writes out days, which the database takes for ranges of an index.
func listed(first, last time.Time) string {
	var days []string
	for day := last; !day.Before(first); day = day.AddDate(0, 0, -1) {
		days = append(days, `'`+day.Format(time.DateOnly)+`'`)
	}
	return strings.Join(days, ", ")
}

// walkDay finds the newest matches of a day that has many.
func (s search) walkDay(ctx context.Context, day time.Time, after history.Position, n int) ([]history.Position, error) {
	s.Since = later(s.Since, day)
	if next := day.AddDate(0, 0, 1); s.Until.IsZero() || next.Before(s.Until) {
		s.Until = next
	}
	found, _, _, err := s.walk(ctx, after, n, everyRow)
	return found, err
}
