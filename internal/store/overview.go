package store

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// The days are sums that the database keeps beside the rows, in the statements
// that change them: reset_days has several lines for a day that goes on, so that
// writers do not wait for each other, and one afterwards. The other figures look
// at the newest rows of their kind, history.Looked of them, since no sum of days is
// a median or a first ten.

// mostCounted is how many names the overview lists of a kind.
const mostCounted = 10

type daySum struct {
	Day        string `db:"day"`
	Asked      int    `db:"asked"`
	Delivered  int    `db:"delivered"`
	Opened     int    `db:"opened"`
	Used       int    `db:"used"`
	NoAccount  int    `db:"no_account"`
	Inactive   int    `db:"inactive"`
	Throttled  int    `db:"throttled"`
	NoPassword int    `db:"no_password"`
}

// Overview implements history.Store. Its statements run beside each other where
// the database can.
func (s *Store) Overview(ctx context.Context, since, now time.Time) (o history.Overview, err error) {
	first, end := dayOf(since), dayOf(now).AddDate(0, 0, 1)
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) { o.Days, err = s.daySums(ctx, first, end); return err })
	all.Go(func() (err error) { o.Used, err = s.medianUse(ctx, first, end); return err })
	all.Go(func() (err error) { o.Refusing, err = s.refusing(ctx, first, end); return err })
	all.Go(func() (err error) { o.Busiest, err = s.busiest(ctx, first, end); return err })
	err = all.Wait()
	return o, err
}

// daySums lists each day, also where nothing happened.
func (s *Store) daySums(ctx context.Context, first, end time.Time) ([]history.DaySum, error) {
	var found []daySum
	err := s.list(ctx, &found, `
		SELECT CAST(day AS text) AS day, CAST(sum(asked) AS bigint) AS asked, CAST(sum(delivered) AS bigint) AS delivered,
			CAST(sum(opened) AS bigint) AS opened, CAST(sum(used) AS bigint) AS used,
			CAST(sum(no_account) AS bigint) AS no_account, CAST(sum(inactive) AS bigint) AS inactive,
			CAST(sum(throttled) AS bigint) AS throttled, CAST(sum(no_password) AS bigint) AS no_password
		FROM reset_days WHERE day >= $1 AND day < $2 GROUP BY day`,
		first.Format(time.DateOnly), end.Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	byDay := map[string]daySum{}
	for _, d := range found {
		byDay[d.Day] = d
	}
	var days []history.DaySum
	for day := first; day.Before(end); day = day.AddDate(0, 0, 1) {
		days = append(days, byDay[day.Format(time.DateOnly)].of(day))
	}
	return days, nil
}

func (d daySum) of(day time.Time) history.DaySum {
	withheld := map[reset.Withheld]int{}
	for reason, n := range map[reset.Withheld]int{
		reset.WithheldNoAccount: d.NoAccount, reset.WithheldInactive: d.Inactive,
		reset.WithheldThrottled: d.Throttled, reset.WithheldNoPassword: d.NoPassword,
	} {
		if n > 0 {
			withheld[reason] = n
		}
	}
	return history.DaySum{Day: day, Asked: d.Asked, Delivered: d.Delivered, Opened: d.Opened, Used: d.Used, Withheld: withheld}
}

// between is a search for all of some days.
func (s *Store) between(first, end time.Time, status reset.Status) search {
	return s.search(history.Filter{Status: status, Since: first, Until: end}, end)
}

// medianUse is the time that half of the newest uses took at most.
func (s *Store) medianUse(ctx context.Context, first, end time.Time) (time.Duration, error) {
	var c conditions
	newest := s.between(first, end, reset.StatusUsed).inTime(&c, "id, created_at, used_at", history.Position{}, c.bind(history.Looked))
	var uses []struct {
		CreatedAt instant `db:"created_at"`
		UsedAt    instant `db:"used_at"`
	}
	err := s.list(ctx, &uses, `
		WITH uses AS MATERIALIZED (`+newest+`)
		SELECT created_at, used_at FROM uses ORDER BY `+s.dialect.took()+`
		LIMIT 1 OFFSET (SELECT (count(*) - 1) / 2 FROM uses WHERE used_at IS NOT NULL)`, c.args...)
	if err != nil || len(uses) == 0 {
		return 0, err
	}
	return uses[0].UsedAt.Sub(uses[0].CreatedAt.Time), nil
}

var refused = column{"d.created_at", "?", "d.reset_id"}

// refusing counts the newest mails that were refused for good, by their domain.
func (s *Store) refusing(ctx context.Context, first, end time.Time) (names []history.Refusing, err error) {
	var c conditions
	s.between(first, end, history.MailFailed).times(&c, refused, history.Position{})
	err = s.list(ctx, &names, `
		SELECT server, name, count(*) AS count
		FROM (SELECT last_server AS server, `+s.dialect.domain()+` AS name FROM reset_deliveries d`+
		c.and(`d.failed_at IS NOT NULL AND d.kind = 'reset_link'`)+refused.newestFirst()+` LIMIT `+c.bind(history.Looked)+`) AS refused
		GROUP BY name, server ORDER BY count(*) DESC, name, server LIMIT `+c.bind(mostCounted), c.args...)
	return names, err
}

// busiest counts the addresses of the newest requests.
func (s *Store) busiest(ctx context.Context, first, end time.Time) (names []history.Counted, err error) {
	var c conditions
	newest := s.between(first, end, "").inTime(&c, "created_by_ip", history.Position{}, c.bind(history.Looked))
	err = s.list(ctx, &names, `
		SELECT `+s.dialect.host("created_by_ip")+` AS name, count(*) AS count FROM (`+newest+`) AS newest
		GROUP BY created_by_ip ORDER BY count(*) DESC, created_by_ip LIMIT `+c.bind(mostCounted), c.args...)
	return names, err
}
