package search

import (
	"context"
	"slices"
	"sync"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// inParallel searches several windows at the same time.
func (s search) inParallel(ctx context.Context, windows []window, n, most int) []part {
	parts := make([]part, len(windows))
	var all sync.WaitGroup
	for i, w := range windows {
		all.Go(func() { parts[i].found, parts[i].count, parts[i].err = s.in(ctx, w, n, most) })
	}
	all.Wait()
	return parts
}

func bounded(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, limit)
}

// in finds the newest n matches of one window, and counts up to most.
func (s search) in(ctx context.Context, w window, n, most int) (found []history.Position, count int, err error) {
	c := s.where(w)
	query := `
		WITH matching AS MATERIALIZED (` + s.newest(c, "id, created_at", most) + `)
		SELECT id, created_at, (SELECT count(*) FROM matching) AS matches FROM matching
		ORDER BY created_at DESC, id DESC LIMIT ` + c.Bind(max(n, 1))
	found, err = sqldb.All(ctx, s.db, func(p *history.Position) []any { return []any{&p.ID, &p.CreatedAt, &count} }, query, c.Args...)
	return found[:min(n, len(found))], count, err
}

// newest returns a query for columns of the newest n rows that match the conditions; these
// must include the id and created_at.
//
// For one IP address there are two indexes, each ordered by time, and the newest
// rows of each are enough. For a network the query first finds all rows. Otherwise
// the planner would read the rows in the order of time, which is slow if a busy
// network was busy long ago.
func (s search) newest(c *sqldb.Conditions, columns string, n int) string {
	rows := `SELECT ` + columns + ` FROM password_resets`
	newestFirst := ` ORDER BY created_at DESC, id DESC LIMIT ` + c.Bind(n)
	switch {
	case s.Network.IsSingleIP():
		ip := c.Bind(s.Network.Addr())
		return `SELECT ` + columns + ` FROM (
			SELECT * FROM (` + rows + c.Where(`created_by_ip = `+ip) + newestFirst + `) AS requesting UNION
			SELECT * FROM (` + rows + c.Where(`used_by_ip = `+ip) + newestFirst + `) AS using_it) AS found` + newestFirst
	case s.Network.IsValid() && !s.Exact():
		return `SELECT ` + columns + ` FROM (` + rows + c.Where() + s.db.Dialect.Fence + `) AS within` + newestFirst
	default:
		return rows + c.Where() + newestFirst
	}
}

// window is a part of the record: resets created at since or later, and before
// until. A zero time is no bound.
type window struct{ since, until time.Time }

// windowLength is the part of the record that one statement of a search without an
// exact key reads. When its time is up, the search can report where it stopped.
const windowLength = 10 * 24 * time.Hour

// windows returns the parts of the record that a search goes through, newest first.
// A search by an exact key needs one window. older reports whether the record goes
// further back than the search.
func (s search) windows(ctx context.Context) (all []window, older bool, err error) {
	if s.Exact() {
		return []window{{s.Since, s.Until}}, false, nil
	}
	var oldest sqldb.Instant
	if err := s.db.Get(ctx, &oldest, `SELECT min(created_at) FROM password_resets`); err != nil || oldest.IsZero() {
		return nil, false, err
	}
	bound := later(s.From.Since, s.Since)
	since := later(oldest.Time, bound)
	older = s.Since.Before(s.From.Since) && oldest.Before(s.From.Since)
	if slices.Contains([]reset.Status{reset.StatusOpened, reset.StatusPending, reset.StatusReceived, history.StillOpen, history.MailQueued}, s.Status) {
		since, older = later(since, s.Now.Add(-reset.MaxLifetime)), false // older ones have expired
	}
	for until := s.newestEdge(); ; {
		from := s.Now.Add(-windowLength)
		if !until.IsZero() && until.Before(s.Now) {
			from = until.Add(-windowLength)
		}
		all = append(all, window{later(from, since), until})
		if until = from; !until.After(since) {
			return all, older, nil
		}
	}
}

// newestEdge returns the end of the first window; zero if the search starts at the
// newest row.
func (s search) newestEdge() time.Time {
	edge := s.Until
	if at := s.From.After.CreatedAt; !at.IsZero() && (edge.IsZero() || at.Before(edge)) {
		edge = at.Add(time.Microsecond) // rows of the same moment may be left
	}
	return edge
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
