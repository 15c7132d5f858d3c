package search

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"resetd/internal/history"
)

// listLength is the number of names in each list of the overview.
const listLength = 10

// Overview implements history.Store. Its statements run in parallel if the database
// supports it.
func (r History) Overview(ctx context.Context, since, now time.Time) (o history.Overview, err error) {
	first, end := dayOf(since), dayOf(now).AddDate(0, 0, 1)
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() (err error) { o.Days, err = r.daySums(ctx, first, end); return err })
	all.Go(func() (err error) { o.Refusing, err = r.refusing(ctx, first, end); return err })
	all.Go(func() (err error) { o.Busiest, err = r.busiest(ctx, first, end); return err })
	err = all.Wait()
	return o, err
}

// refusing counts the newest failed emails by their domain and mail server.
func (r History) refusing(ctx context.Context, first, end time.Time) (names []history.Refusing, err error) {
	err = r.db.List(ctx, &names, `
		SELECT server, name, count(*) AS count FROM (
			SELECT last_server AS server, `+r.db.Dialect.Domain+` AS name FROM reset_deliveries
			WHERE failed_at >= $1 AND failed_at < $2 AND kind IN ('reset_link', 'rescue') AND recipient IS NOT NULL
			ORDER BY failed_at DESC LIMIT $3) AS newest
		GROUP BY name, server ORDER BY count(*) DESC, name, server LIMIT $4`, first, end, history.SampleSize, listLength)
	return names, err
}

// busiest counts the IP addresses of the newest requests.
func (r History) busiest(ctx context.Context, first, end time.Time) (names []history.Counted, err error) {
	err = r.db.List(ctx, &names, `
		SELECT `+r.db.Dialect.Host+` AS name, count(*) AS count FROM (
			SELECT created_by_ip FROM password_resets WHERE created_at >= $1 AND created_at < $2
			ORDER BY created_at DESC, id DESC LIMIT $3) AS newest
		GROUP BY created_by_ip ORDER BY count(*) DESC, created_by_ip LIMIT $4`, first, end, history.SampleSize, listLength)
	return names, err
}
