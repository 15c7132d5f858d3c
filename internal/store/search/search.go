package search

import (
	"cmp"
	"context"
	"errors"
	"math"
	"regexp"
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

// search returns the search of a query. A reason implies the status "withheld".
func (r History) search(q history.Search) search {
	if q.Withheld != "" && q.Status == "" {
		q.Status = reset.StatusWithheld
	}
	return search{r.db, q}
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

// Count implements history.Store.
func (r History) Count(ctx context.Context, q history.Search) (resets, addresses int, err error) {
	one := r.search(q)
	if one.impossible() {
		return 0, 0, nil
	}
	limited, cancel := bounded(ctx, q.Time)
	defer cancel()
	c := one.where(window{later(q.From.Since, q.Since), one.newestEdge()})
	all, err := sqldb.All(limited, r.db, func(n *[2]int) []any { return []any{&n[0], &n[1]} }, `
		SELECT count(*), count(DISTINCT email) FROM (`+one.newest(c, "id, created_at, email", math.MaxInt32)+`) AS matching`, c.Args...)
	if err != nil {
		return 0, 0, cmp.Or(limited.Err(), err)
	}
	return all[0][0], all[0][1], nil
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
	one := r.search(q)
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

// idDigits are the first eight digits of an id.
var idDigits = regexp.MustCompile(`^[0-9a-f]{8}$`)

// impossible reports whether no reset can match: a withheld reset has no other
// status, and PostgreSQL rejects a text that is not an id.
func (s search) impossible() bool {
	return s.Withheld != "" && s.Status != reset.StatusWithheld || s.IDPrefix != "" && !idDigits.MatchString(s.IDPrefix)
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

// scanned sets Scanned of the rows of a list.
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
