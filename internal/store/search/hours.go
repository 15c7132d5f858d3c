package search

import (
	"context"
	"fmt"
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

// sums returns all columns of reset_hours except the hour.
func sums() []sum {
	all := []sum{
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
	}
	for i, t := range history.UseTimes {
		all = append(all, sum{
			fmt.Sprintf("used_within_%dm", t/time.Minute), fmt.Sprintf(`sum(n) FILTER (WHERE minutes <= %d)`, t/time.Minute),
			func(s *history.Sums) *int { return &s.UsedWithin[i] },
		})
	}
	return all
}

// columns returns the names of these columns, separated by commas.
func columns() string {
	var all []string
	for _, s := range sums() {
		all = append(all, s.column)
	}
	return strings.Join(all, `, `)
}

// counted returns a query for the sums of the resets created from $1 on and before
// $2, grouped by an expression. The query first counts groups of equal resets, of
// which there are few. That takes a third of the time of counting for each sum.
func counted(d *sqldb.Dialect, by string) string {
	var counts strings.Builder
	for _, s := range sums() {
		_, _ = fmt.Fprintf(&counts, `, CAST(coalesce(%s, 0) AS bigint) AS %s`, s.counts, s.column)
	}
	return `SELECT at` + counts.String() + ` FROM (
			SELECT at, withheld, mail, minutes, count(*) AS n, count(opened_at) AS opened, count(revoked_at) AS revoked FROM (
				SELECT ` + by + ` AS at, withheld, mail, opened_at, revoked_at, ` + d.Minutes + ` AS minutes
				FROM password_resets WHERE created_at >= $1 AND created_at < $2` + d.Fence + `) AS created
			GROUP BY 1, 2, 3, 4) AS alike
		GROUP BY at`
}

// SumHours computes and stores the sums of each hour from one day (UTC) to the day
// of now. If the resets of an hour were removed, its stored sums do not change.
func (r History) SumHours(ctx context.Context, from, now time.Time) error {
	var updates []string
	for _, sum := range sums() {
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

// daySums returns the sums of every day, including days without resets. It counts
// the resets of the last two days and takes earlier days from reset_hours.
func (r History) daySums(ctx context.Context, first, end time.Time) ([]history.DaySums, error) {
	recent := later(first, end.AddDate(0, 0, -2))
	var totals strings.Builder
	for _, sum := range sums() {
		_, _ = fmt.Fprintf(&totals, `, CAST(sum(%s) AS bigint)`, sum.column)
	}
	kept := `SELECT CAST(` + strings.ReplaceAll(r.db.Dialect.Day, `created_at`, `hour`) + ` AS text) AS day` + totals.String() + `
		FROM reset_hours WHERE hour >= $1 AND hour < $2 GROUP BY 1`
	count := `SELECT CAST(at AS text), ` + columns() + ` FROM (` + counted(r.db.Dialect, r.db.Dialect.Day) + `) AS counted`
	byDay, all := sync.Map{}, errgroup.Group{}
	all.Go(func() error { return r.readSums(ctx, &byDay, kept, first, recent) })
	for day := recent; day.Before(end); day = day.AddDate(0, 0, 1) {
		all.Go(func() error { return r.readSums(ctx, &byDay, count, day, day.AddDate(0, 0, 1)) })
	}
	if err := all.Wait(); err != nil {
		return nil, err
	}
	var days []history.DaySums
	for day := first; day.Before(end); day = day.AddDate(0, 0, 1) {
		sums, _ := byDay.Load(day.Format(time.DateOnly))
		found, _ := sums.(history.Sums) // zero for a day without resets
		days = append(days, history.DaySums{Day: day, Sums: found})
	}
	return days, nil
}

// readSums runs a query whose rows are a day and its sums, and stores them in byDay.
func (r History) readSums(ctx context.Context, byDay *sync.Map, query string, args ...any) error {
	rows, err := r.db.Query(ctx, query, args...)
	if err != nil {
		return sqldb.Translate(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var day string
		var found history.Sums
		into := []any{&day}
		for _, sum := range sums() {
			into = append(into, sum.in(&found))
		}
		if err := rows.Scan(into...); err != nil {
			return sqldb.Translate(err)
		}
		byDay.Store(day, found)
	}
	return sqldb.Translate(rows.Err())
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
