package search

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// History queries the record.
type History struct{ db sqldb.DB }

var _ history.Store = History{}

// New returns the History of a database.
func New(db sqldb.DB) History { return History{db} }

// search is one query. It runs in two steps, both with an index: find the positions
// of the matching rows, then read these rows.
type search struct {
	db sqldb.DB
	history.Search
}

// Page implements history.Store.
func (r History) Page(ctx context.Context, q history.Search) (history.Page, error) {
	found, page, err := r.find(ctx, q)
	if err != nil {
		return history.Page{}, err
	}
	page.Resets, err = r.rows(ctx, found)
	return page, err
}

// eachPage is how many rows Each has in memory.
const eachPage = 500

// Each implements history.Store. It holds no transaction open between two pages, so
// a slow reader blocks nobody.
func (r History) Each(ctx context.Context, q history.Search, yield func(reset.Reset) error) error {
	q.Rows, q.Count, q.Time = eachPage, eachPage, 0
	for {
		found, _, err := r.find(ctx, q)
		if err != nil || len(found) == 0 {
			return err
		}
		resets, err := r.rows(ctx, found)
		if err != nil {
			return err
		}
		for _, reset := range resets {
			if err := yield(reset); err != nil {
				return err
			}
		}
		q.From.After = found[len(found)-1]
	}
}

// find returns the newest matches, at most q.Rows, and counts up to q.Count. It goes
// from window to window; most searches end with the first. When the time is up, it
// stops and reports how far it got.
func (r History) find(ctx context.Context, q history.Search) (found []history.Position, page history.Page, err error) {
	if q.Withheld != "" && q.Status == "" {
		q.Status = reset.StatusWithheld
	}
	one := search{r.db, q}
	if one.impossible() {
		return nil, page, nil
	}
	windows, older, err := one.windows(ctx)
	page.Older = older
	if err != nil {
		return nil, page, err
	}
	limited, cancel := bounded(ctx, q.Time)
	defer cancel()
	var reached time.Time // the oldest day that was searched completely
	for next := 1; len(windows) > 0 && page.Count < q.Count; next = r.db.Dialect.Beside {
		next = min(next, len(windows))
		for i, p := range one.inParallel(limited, windows[:next], q.Rows-len(found), q.Count-page.Count) {
			if p.err != nil && errors.Is(limited.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
				page.Stopped, page.Reached = true, reached
				return found[:min(len(found), q.Rows)], page, nil
			}
			if p.err != nil {
				return nil, page, p.err
			}
			found, page.Count, reached = append(found, p.found...), page.Count+p.count, windows[i].since
		}
		windows = windows[next:]
	}
	page.Count = min(page.Count, q.Count)
	return found[:min(len(found), q.Rows)], page, nil
}

// part is the result of one window.
type part struct {
	found []history.Position
	count int
	err   error
}

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

// idDigits are the first eight digits of an id.
var idDigits = regexp.MustCompile(`^[0-9a-f]{8}$`)

// impossible reports whether no reset can match: a withheld reset has no other
// status, and PostgreSQL rejects a text that is not an id.
func (s search) impossible() bool {
	return s.Withheld != "" && s.Status != reset.StatusWithheld || s.IDPrefix != "" && !idDigits.MatchString(s.IDPrefix)
}

// in finds the newest n matches of one window, and counts up to most.
func (s search) in(ctx context.Context, w window, n, most int) (found []history.Position, count int, err error) {
	c := s.where(w)
	query := `
		WITH matching AS MATERIALIZED (` + s.newest(c, most) + `)
		SELECT id, created_at, (SELECT count(*) FROM matching) AS matches FROM matching
		ORDER BY created_at DESC, id DESC LIMIT ` + c.Bind(max(n, 1))
	found, err = sqldb.All(ctx, s.db, func(p *history.Position) []any { return append(positionFields(p), &count) }, query, c.Args...)
	return found[:min(n, len(found))], count, err
}

func positionFields(p *history.Position) []any { return []any{&p.ID, &p.CreatedAt} }

// newest returns a query for the newest n rows that match the conditions.
//
// For one IP address there are two indexes, each ordered by time, and the newest
// rows of each are enough. For a network the query first finds all rows. Otherwise
// the planner would read the rows in the order of time, which is slow if a busy
// network was busy long ago.
func (s search) newest(c *sqldb.Conditions, n int) string {
	const rows = `SELECT id, created_at FROM password_resets`
	newestFirst := ` ORDER BY created_at DESC, id DESC LIMIT ` + c.Bind(n)
	switch {
	case s.Network.IsSingleIP():
		ip := c.Bind(s.Network.Addr())
		return `SELECT id, created_at FROM (
			SELECT * FROM (` + rows + c.Where(`created_by_ip = `+ip) + newestFirst + `) AS requesting UNION
			SELECT * FROM (` + rows + c.Where(`used_by_ip = `+ip) + newestFirst + `) AS using_it) AS found` + newestFirst
	case s.Network.IsValid() && !s.Exact():
		return `SELECT id, created_at FROM (` + rows + c.Where() + s.db.Dialect.Fence + `) AS within` + newestFirst
	default:
		return rows + c.Where() + newestFirst
	}
}

// rows reads the rows at the given positions, newest first. Rows that were removed
// since are missing.
func (r History) rows(ctx context.Context, at []history.Position) ([]reset.Reset, error) {
	if len(at) == 0 {
		return nil, nil
	}
	var c sqldb.Conditions
	ids := make([]reset.ID, len(at))
	for i, p := range at {
		ids[i] = p.ID
	}
	found, err := r.db.Resets(ctx, `
		SELECT `+sqldb.ResetColumns+` FROM password_resets WHERE id IN (`+sqldb.BindAll(&c, ids)+`)
		ORDER BY created_at DESC, id DESC`, c.Args...)
	if err != nil {
		return nil, err
	}
	return found, r.scanned(ctx, found)
}

// scanned sets Scanned of the resets.
func (r History) scanned(ctx context.Context, resets []reset.Reset) error {
	var c sqldb.Conditions
	at := map[reset.ID]*reset.Reset{}
	var ids []reset.ID
	for i := range resets {
		if resets[i].AccountState != "" { // others have no link to open
			at[resets[i].ID], ids = &resets[i], append(ids, resets[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []struct {
		ResetID reset.ID `db:"reset_id"`
		Detail  string   `db:"detail"`
	}
	err := r.db.List(ctx, &rows, `
		SELECT reset_id, detail FROM reset_events WHERE reset_id IN (`+sqldb.BindAll(&c, ids)+`)
			AND kind = `+c.Bind(reset.EventOpened)+` AND actor = `+c.Bind(reset.ActorScanner), c.Args...)
	for _, e := range rows {
		rule, _ := reset.Number(e.Detail)
		at[e.ResetID].Scanned = at[e.ResetID].Scanned.And(rule)
	}
	return err
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
	if slices.Contains([]reset.Status{reset.StatusOpened, reset.StatusPending, reset.StatusReceived}, s.Status) {
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
