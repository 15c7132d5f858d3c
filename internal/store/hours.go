package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"resetd/internal/history"
)

// sum is a column of reset_hours: which resets of the hour it counts, and where
// the count is in history.Sums.
type sum struct {
	column, counts string
	in             func(*history.Sums) *int
}

// sums are all columns behind the hour.
func sums() []sum {
	all := []sum{
		{"requested", `TRUE`, func(s *history.Sums) *int { return &s.Requested }},
		{"no_account", `withheld = 'no_account'`, func(s *history.Sums) *int { return &s.NoAccount }},
		{"inactive", `withheld = 'inactive'`, func(s *history.Sums) *int { return &s.Inactive }},
		{"throttled", `withheld = 'throttled'`, func(s *history.Sums) *int { return &s.Throttled }},
		{"no_password", `withheld = 'no_password'`, func(s *history.Sums) *int { return &s.NoPassword }},
		{"unmatched", `withheld = 'unmatched'`, func(s *history.Sums) *int { return &s.Unmatched }},
		{"mail_accepted", `mail = 'accepted'`, func(s *history.Sums) *int { return &s.MailAccepted }},
		{"mail_unknown", `mail = 'unknown'`, func(s *history.Sums) *int { return &s.MailUnknown }},
		{"mail_failed", `mail = 'failed'`, func(s *history.Sums) *int { return &s.MailFailed }},
		{"mail_bounced", `mail = 'bounced'`, func(s *history.Sums) *int { return &s.MailBounced }},
		{"opened", `opened_at IS NOT NULL`, func(s *history.Sums) *int { return &s.Opened }},
		{"revoked", `revoked_at IS NOT NULL`, func(s *history.Sums) *int { return &s.Revoked }},
		{"used", `took IS NOT NULL`, func(s *history.Sums) *int { return &s.Used }},
	}
	for i, t := range history.UseTimes {
		all = append(all, sum{
			fmt.Sprintf("used_within_%dm", t/time.Minute), fmt.Sprintf(`took <= %d`, t/time.Second),
			func(s *history.Sums) *int { return &s.UsedWithin[i] },
		})
	}
	return all
}

// counted selects, for each value of an expression, the sums of the resets created
// from $1 on and before $2.
func counted(d *dialect, by string) string {
	var counts strings.Builder
	for _, s := range sums() {
		_, _ = fmt.Fprintf(&counts, `, count(*) FILTER (WHERE %s) AS %s`, s.counts, s.column)
	}
	return `WITH created AS MATERIALIZED (
			SELECT ` + by + ` AS at, withheld, mail, opened_at, revoked_at, ` + d.took + ` AS took
			FROM password_resets WHERE created_at >= $1 AND created_at < $2)
		SELECT at` + counts.String() + ` FROM created GROUP BY at`
}

// SumHours counts the resets of each hour from one day (UTC) to the day of now and
// keeps the sums. An hour whose resets were removed since keeps the sums it had.
func (s *Store) SumHours(ctx context.Context, from, now time.Time) error {
	var columns, updates []string
	for _, sum := range sums() {
		columns = append(columns, sum.column)
		updates = append(updates, sum.column+` = excluded.`+sum.column)
	}
	query := `INSERT INTO reset_hours (hour, ` + strings.Join(columns, `, `) + `)
		SELECT * FROM (` + counted(s.dialect, s.dialect.hour) + `) AS counted WHERE TRUE
		ON CONFLICT (hour) DO UPDATE SET ` + strings.Join(updates, `, `) + ` WHERE reset_hours.requested <= excluded.requested`
	for day := dayOf(from); !day.After(now); day = day.AddDate(0, 0, 1) {
		if err := s.run(ctx, query, day, day.AddDate(0, 0, 1)); err != nil { // a day by itself, so that nobody waits long
			return err
		}
	}
	return nil
}

// UnsummedSince returns the oldest hour that reset_hours may lack: the newest it
// has, or that of the oldest reset. It is zero if there is no reset.
func (s *Store) UnsummedSince(ctx context.Context) (time.Time, error) {
	var at instant
	err := s.get(ctx, &at, `SELECT coalesce((SELECT max(hour) FROM reset_hours), (SELECT min(created_at) FROM password_resets))`)
	return at.Time, err
}

// daySums returns the sums of each day, also if nothing happened: of the last two
// days from the resets, of earlier ones from reset_hours.
func (s *Store) daySums(ctx context.Context, first, end time.Time) ([]history.DaySums, error) {
	recent := later(first, end.AddDate(0, 0, -2))
	var totals strings.Builder
	for _, sum := range sums() {
		_, _ = fmt.Fprintf(&totals, `, CAST(sum(%s) AS bigint)`, sum.column)
	}
	byDay := map[string]history.Sums{}
	kept := `SELECT ` + strings.ReplaceAll(s.dialect.day, `created_at`, `hour`) + ` AS day` + totals.String() + `
		FROM reset_hours WHERE hour >= $1 AND hour < $2 GROUP BY 1`
	if err := s.readSums(ctx, byDay, kept, first, recent); err != nil {
		return nil, err
	}
	if err := s.readSums(ctx, byDay, counted(s.dialect, s.dialect.day), recent, end); err != nil {
		return nil, err
	}
	var days []history.DaySums
	for day := first; day.Before(end); day = day.AddDate(0, 0, 1) {
		days = append(days, history.DaySums{Day: day, Sums: byDay[day.Format(time.DateOnly)]})
	}
	return days, nil
}

// readSums adds the rows of a query, each a day and its sums.
func (q queries) readSums(ctx context.Context, byDay map[string]history.Sums, query string, args ...any) error {
	rows, err := q.db.QueryxContext(ctx, query, arguments(args)...)
	if err != nil {
		return translate(err)
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
			return translate(err)
		}
		byDay[day] = found
	}
	return translate(rows.Err())
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
