package search

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"resetd/internal/history"
)

// Lists implements history.Store. If counting all rows takes too long, it counts the
// newest.
func (r History) Lists(ctx context.Context, since, until time.Time) (history.Lists, error) {
	limited, cancel := context.WithTimeout(ctx, history.ListTime)
	defer cancel()
	found, err := r.lists(limited, since, until, ``)
	if err == nil || limited.Err() == nil || ctx.Err() != nil {
		return found, err
	}
	found, err = r.lists(ctx, since, until, ` ORDER BY created_at DESC LIMIT $3`, history.SampleSize)
	found.Sampled = true
	return found, err
}

// lists counts the rows of a period, or with newest those that it selects.
func (r History) lists(ctx context.Context, since, until time.Time, newest string, args ...any) (found history.Lists, err error) {
	args = append([]any{since, until}, args...)
	var networks []history.BusySite
	var domains []history.Domain
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() (err error) { networks, err = r.networks(ctx, newest, args); return err })
	both.Go(func() (err error) { domains, err = r.domains(ctx, newest, args); return err })
	err = both.Wait()
	found.Networks = top(networks, func(n history.BusySite) int { return n.Requested })
	found.Unknown = top(networks, func(n history.BusySite) int { return n.Unknown })
	found.Domains = top(domains, func(d history.Domain) int { return d.Refused + d.Bounced + d.Slow })
	return found, err
}

// networks returns the networks with the most requests, and those with the most requests
// for addresses without an account. The database sorts out the others, of which there may
// be hundreds of thousands.
func (r History) networks(ctx context.Context, newest string, args []any) (all []history.BusySite, err error) {
	var rows []struct {
		Site      string `db:"site"`
		Requested int    `db:"requested"`
		Unknown   int    `db:"unknown"`
	}
	first := strconv.Itoa(history.ListLength)
	err = r.db.List(ctx, &rows, `
		WITH sites AS (
			SELECT site, count(*) AS requested, count(CASE WHEN withheld = 'no_account' THEN 1 END) AS unknown FROM (
				SELECT `+r.db.Dialect.Site+` AS site, withheld FROM password_resets WHERE created_at >= $1 AND created_at < $2`+newest+`) AS rows_of_period
			GROUP BY site)
		SELECT site, requested, unknown FROM (SELECT * FROM sites ORDER BY requested DESC, site LIMIT `+first+`) AS busy
		UNION SELECT site, requested, unknown FROM (SELECT * FROM sites ORDER BY unknown DESC, site LIMIT `+first+`) AS guessing
		ORDER BY site`, args...)
	for _, row := range rows {
		prefix, e := netip.ParsePrefix(row.Site)
		if e != nil {
			continue // the column has only addresses
		}
		all = append(all, history.BusySite{Prefix: prefix, Requested: row.Requested, Unknown: row.Unknown})
	}
	return all, err
}

// domains counts the emails with a link that were not accepted at once, which have an
// index of their own.
func (r History) domains(ctx context.Context, newest string, args []any) (all []history.Domain, err error) {
	err = r.db.List(ctx, &all, `
		SELECT name, server, count(failed_at) AS refused, count(bounced_at) AS bounced, count(CASE WHEN failed_at IS NULL AND attempts > 1 THEN 1 END) AS slow FROM (
			SELECT `+r.db.Dialect.Domain+` AS name, last_server AS server, failed_at, bounced_at, attempts FROM reset_deliveries
			WHERE created_at >= $1 AND created_at < $2 AND (failed_at IS NOT NULL OR bounced_at IS NOT NULL OR attempts > 1)
				AND kind IN ('reset_link', 'rescue') AND recipient IS NOT NULL`+newest+`) AS rows_of_period
		GROUP BY name, server`, args...)
	return all, err
}

// top returns the first items by their number, without those that have none.
func top[T any](all []T, number func(T) int) []T {
	some := slices.DeleteFunc(slices.Clone(all), func(one T) bool { return number(one) == 0 })
	slices.SortStableFunc(some, func(a, b T) int { return cmp.Compare(number(b), number(a)) })
	return some[:min(len(some), history.ListLength)]
}
