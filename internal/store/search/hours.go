package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"resetd/internal/history"
	"resetd/internal/store/sqldb"
)

// sum is a column of reset_hours: the expression that computes it (see counted), and
// its field in history.Sums.
type sum struct {
	column, counts string
	in             func(*history.Sums) *int
}

// sums are all columns of reset_hours except the hour.
var sums = append([]sum{
	{"requested", `sum(n)`, func(s *history.Sums) *int { return &s.Requested }},
	{"no_account", `sum(n) FILTER (WHERE withheld = 'no_account')`, func(s *history.Sums) *int { return &s.NoAccount }},
	{"inactive", `sum(n) FILTER (WHERE withheld = 'inactive')`, func(s *history.Sums) *int { return &s.Inactive }},
	{"throttled", `sum(n) FILTER (WHERE withheld = 'throttled')`, func(s *history.Sums) *int { return &s.Throttled }},
	{"no_password", `sum(n) FILTER (WHERE withheld = 'no_password')`, func(s *history.Sums) *int { return &s.NoPassword }},
	{"unmatched", `sum(n) FILTER (WHERE withheld = 'unmatched')`, func(s *history.Sums) *int { return &s.Unmatched }},
	{"mail_accepted", `sum(n) FILTER (WHERE mail = 'accepted')`, func(s *history.Sums) *int { return &s.MailAccepted }},
	{"mail_unknown", `sum(n) FILTER (WHERE mail = 'unknown')`, func(s *history.Sums) *int { return &s.MailUnknown }},
	{"mail_failed", `sum(n) FILTER (WHERE mail = 'failed')`, func(s *history.Sums) *int { return &s.MailFailed }},
	{"mail_bounced", `sum(n) FILTER (WHERE mail = 'bounced')`, func(s *history.Sums) *int { return &s.MailBounced }},
	{"opened", `sum(opened)`, func(s *history.Sums) *int { return &s.Opened }},
	{"revoked", `sum(revoked)`, func(s *history.Sums) *int { return &s.Revoked }},
	{"used", `sum(n) FILTER (WHERE minutes IS NOT NULL)`, func(s *history.Sums) *int { return &s.Used }},
}, usedWithin()...)

func usedWithin() (all []sum) {
	for i, t := range history.UseTimes {
		all = append(all, sum{
			history.UsedWithin(t), fmt.Sprintf(`sum(n) FILTER (WHERE minutes <= %d)`, t/time.Minute),
			func(s *history.Sums) *int { return &s.UsedWithin[i] },
		})
	}
	return all
}

// columns returns the names of these columns, separated by commas.
func columns() string {
	var all []string
	for _, s := range sums {
		all = append(all, s.column)
	}
	return strings.Join(all, `, `)
}

// counted returns a query for the sums of the resets created from $1 on and before
// $2, grouped by an expression. The query first counts groups of equal resets, of
// which there are few. That takes a third of the time of counting for each sum.
func counted(d *sqldb.Dialect, by string) string {
	var counts strings.Builder
	for _, s := range sums {
		_, _ = fmt.Fprintf(&counts, `, CAST(coalesce(%s, 0) AS bigint) AS %s`, s.counts, s.column)
	}
	return `SELECT at` + counts.String() + ` FROM (
			SELECT at, withheld, mail, minutes, count(*) AS n, count(opened_at) AS opened, count(revoked_at) AS revoked FROM (
				SELECT ` + by + ` AS at, withheld, mail, coalesce(opened_at, used_at) AS opened_at, revoked_at, ` + d.Minutes + ` AS minutes
				FROM password_resets WHERE created_at >= $1 AND created_at < $2` + d.Fence + `) AS created
			GROUP BY 1, 2, 3, 4) AS alike
		GROUP BY at`
}

// SumHours computes and stores the sums of each hour from one day (UTC) to the day
// of now. If the resets of an hour were removed, its stored sums do not change.
func (r History) SumHours(ctx context.Context, from, now time.Time) error {
	var updates []string
	for _, sum := range sums {
		updates = append(updates, sum.column+` = excluded.`+sum.column)
	}
	query := `INSERT INTO reset_hours (hour, ` + columns() + `)
		SELECT * FROM (` + counted(r.db.Dialect, r.db.Dialect.Hour) + `) AS counted WHERE TRUE
		ON CONFLICT (hour) DO UPDATE SET ` + strings.Join(updates, `, `) + ` WHERE reset_hours.requested <= excluded.requested`
	for day := dayOf(from); !day.After(now); day = day.AddDate(0, 0, 1) {
		if err := r.db.Run(ctx, query, day, day.AddDate(0, 0, 1)); err != nil { // one day per statement, so others do not wait long
			return err
		}
	}
	return nil
}

// UnsummedSince returns the oldest hour that may be missing in reset_hours: its
// newest hour or, if it is empty, the hour of the oldest reset. It returns zero if
// there are no resets.
func (r History) UnsummedSince(ctx context.Context) (time.Time, error) {
	var at sqldb.Instant
	err := r.db.Get(ctx, &at, `SELECT coalesce((SELECT max(hour) FROM reset_hours), (SELECT min(created_at) FROM password_resets))`)
	return at.Time, err
}

// Hours implements history.Store. Its statements run in parallel if the database supports
// it.
func (r History) Hours(ctx context.Context, since, until, now time.Time) ([]history.HourSums, error) {
	recent := later(since, dayOf(now).AddDate(0, 0, -1))
	kept := `SELECT hour, ` + columns() + ` FROM reset_hours WHERE hour >= $1 AND hour < $2`
	count := `SELECT at, ` + columns() + ` FROM (` + counted(r.db.Dialect, r.db.Dialect.Hour) + `) AS counted`
	var found hours
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return r.readHours(ctx, &found, kept, since, earlier(recent, until)) })
	for from := recent; from.Before(until); from = dayOf(from).AddDate(0, 0, 1) {
		all.Go(func() error {
			return r.readHours(ctx, &found, count, from, earlier(dayOf(from).AddDate(0, 0, 1), until))
		})
	}
	err := all.Wait()
	slices.SortFunc(found.all, func(a, b history.HourSums) int { return a.Hour.Compare(b.Hour) })
	return found.all, err
}

// hours collects the rows of several statements.
type hours struct {
	mu  sync.Mutex
	all []history.HourSums
}

// readHours runs a query whose rows are an hour and its sums.
func (r History) readHours(ctx context.Context, found *hours, query string, args ...any) error {
	rows, err := r.db.Query(ctx, query, args...)
	if err != nil {
		return sqldb.Translate(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var hour sqldb.Instant
		var h history.HourSums
		into := []any{&hour}
		for _, sum := range sums {
			into = append(into, sum.in(&h.Sums))
		}
		if err := rows.Scan(into...); err != nil {
			return sqldb.Translate(err)
		}
		h.Hour = hour.UTC()
		found.mu.Lock()
		found.all = append(found.all, h)
		found.mu.Unlock()
	}
	return sqldb.Translate(rows.Err())
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
