package store

import (
	"context"
	"database/sql"
	"net/netip"
	"slices"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// byDays finds the newest matches, of whole days.
func (s search) byDays(ctx context.Context, after history.Position, n int) (found []history.Position, err error) {
	first, last, err := s.days(ctx, after)
	if err != nil || last.IsZero() {
		return nil, err
	}
	for len(found) < n && !last.Before(first) {
		most := max(fewMatches, n)
		spots, rest, err := s.inDays(ctx, first, last, after, n-len(found), most)
		if err == nil && rest.Equal(last) && most < manyMatches {
			spots, rest, err = s.inDays(ctx, last, last, after, n-len(found), manyMatches)
		}
		if err == nil && rest.Equal(last) {
			spots, err = s.walkDay(ctx, last, after, n-len(found))
			rest = last.AddDate(0, 0, -1)
		}
		if err != nil {
			return nil, err
		}
		found, last = append(found, spots...), rest
	}
	return found, nil
}

// days are the first and the last day that can hold a match.
func (s search) days(ctx context.Context, after history.Position) (first, last time.Time, err error) {
	k, err := s.kept(ctx)
	if err != nil || k.Oldest.IsZero() {
		return first, last, err
	}
	first, last = s.span(k, after)
	return dayOf(first), dayOf(last), nil
}

// kept is when the oldest and the newest reset of the record were asked for, zero
// where there is none, and about how many there are, where the dialect knows.
type kept struct {
	Oldest instant `db:"oldest"`
	Newest instant `db:"newest"`
	Resets int     `db:"resets"`
}

func (s search) kept(ctx context.Context) (k kept, err error) {
	err = s.get(ctx, &k, `
		SELECT (SELECT min(created_at) FROM password_resets) AS oldest, (SELECT max(created_at) FROM password_resets) AS newest,
			(`+s.dialect.resets+`) AS resets`)
	return k, err
}

// span is the first and the last moment that a match can be of.
func (s search) span(k kept, after history.Position) (first, last time.Time) {
	first, last = later(k.Oldest.Time, s.Since), k.Newest.Time
	if !s.Until.IsZero() && s.Until.Before(last) {
		last = s.Until
	}
	if !after.CreatedAt.IsZero() && after.CreatedAt.Before(last) {
		last = after.CreatedAt
	}
	if s.Status == reset.StatusOpened || s.Status == reset.StatusPending {
		first = later(first, s.now.Add(-reset.MaxLifetime))
	}
	return first, last
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// inDays finds the newest matches of some days. Rest is the newest day that it
// has not seen to the end.
func (s search) inDays(ctx context.Context, first, last time.Time, after history.Position, n, most int) (spots []history.Position, rest time.Time, err error) {
	var c conditions
	query := s.ofDays(&c, first, last, after, most+1)
	spots, unseen, err := spotsAnd[sql.NullString](ctx, s.queries, query+newestFirst+c.bind(n), c.args...)
	if err != nil || !unseen.Valid {
		return spots, first.AddDate(0, 0, -1), err
	}
	rest, err = time.Parse(time.DateOnly, unseen.String)
	return spots, rest, err
}

// ofDays selects the matches of those days that it sees to the end, and the
// newest of the others.
func (s search) ofDays(c *conditions, first, last time.Time, after history.Position, most int) string {
	arms := s
	arms.Network = netip.Prefix{}
	arms.matches(c)
	s.times(c, created, after)
	days, limit := s.dialect.days(c.bind(first.Format(time.DateOnly)), c.bind(last.Format(time.DateOnly))), c.bind(most)
	asked, used := s.asked(c), s.used(c)
	if !s.anySettled() {
		asked += ` AND ` + settled + ` IN (` + joined(s.settled()) + `)`
	}
	if !slices.Contains(s.settled(), settledUsed) {
		used += ` AND FALSE`
	}
	arm := func(is string) string {
		return `AS MATERIALIZED (` + s.dialect.eachDay(c.and(is+` AND `+s.dialect.day()+` = days.day`)) + ` LIMIT ` + limit + `)`
	}
	return `WITH ` + days + `, asked ` + arm(asked) + `, used ` + arm(used) + `,
		rest AS (SELECT max(day) AS day FROM (
			SELECT min(day) AS day FROM asked HAVING count(*) = ` + limit + ` UNION ALL SELECT min(day) FROM used HAVING count(*) = ` + limit + `) AS cut)
		SELECT id, created_at, CAST(rest.day AS text) AS rest
		FROM rest LEFT JOIN (SELECT * FROM asked UNION SELECT * FROM used) AS found ON rest.day IS NULL OR found.day > rest.day`
}

// walkDay finds the newest matches of a day that has many.
func (s search) walkDay(ctx context.Context, day time.Time, after history.Position, n int) ([]history.Position, error) {
	s.Since = later(s.Since, day)
	if next := day.AddDate(0, 0, 1); s.Until.IsZero() || next.Before(s.Until) {
		s.Until = next
	}
	return s.walk(ctx, after, n)
}
