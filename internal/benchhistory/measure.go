package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/store"
)

const (
	page     = 25  // as the pages have
	farPages = 999 // before the thousandth
)

// size is what was measured on one database.
type size struct {
	resets int
	meter  meter
	order  []string
	took   map[string]percentiles
}

// percentiles are of the time in the database, each time the median of a few that
// followed each other, and of whole calls, each as it was.
type percentiles struct {
	p50, p99       time.Duration
	call50, call99 time.Duration
}

func (s *size) note(name string, inside, whole []time.Duration) {
	at := percentiles{of(inside, 50), of(inside, 99), of(whole, 50), of(whole, 99)}
	s.order = append(s.order, name)
	s.took[name] = at
	fmt.Fprintf(os.Stderr, "%-60s %8s %8s %8s %8s\n", name, ms(at.p50), ms(at.p99), ms(at.call50), ms(at.call99))
}

// of is a percentile.
func of(took []time.Duration, percent int) time.Duration {
	slices.Sort(took)
	return took[len(took)*percent/100]
}

func measure(ctx context.Context, o options, url string) (size, error) {
	s := size{took: map[string]percentiles{}}
	db, err := sql.Open("postgres", url)
	if err != nil {
		return s, err
	}
	defer func() { _ = db.Close() }()
	var now time.Time
	if err := db.QueryRowContext(ctx, `SELECT count(*), max(created_at) FROM password_resets`).Scan(&s.resets, &now); err != nil {
		return s, err
	}
	if s.meter, err = newMeter(ctx, db); err != nil {
		return s, err
	}
	all, err := searches(ctx, db, now)
	if err != nil {
		return s, err
	}
	st, err := open(url)
	if err != nil {
		return s, err
	}
	defer func() { _ = st.Close() }()
	for _, each := range all {
		if strings.Contains(each.name, o.only) {
			if err := s.search(ctx, o, st, each, now); err != nil {
				return s, fmt.Errorf("%s: %w", each.name, err)
			}
		}
	}
	return s, s.others(ctx, o, st, now)
}

// search measures the first page and the thousandth or, where there are fewer,
// the last.
func (s *size) search(ctx context.Context, o options, st *store.Store, q search, now time.Time) error {
	err := s.pages(ctx, o, q.name+" | 1", func(i int) error {
		_, err := st.Page(ctx, q.filters[i%len(q.filters)], now, history.Position{}, page)
		return err
	})
	if err != nil || len(q.filters) > 1 {
		return err
	}
	pages, after, err := far(ctx, st, q.filters[0], now)
	if err != nil || pages == 0 {
		return err
	}
	name := fmt.Sprintf("%s | %d", q.name, pages+1)
	if pages < farPages {
		name = q.name + " | last"
	}
	return s.pages(ctx, o, name, func(int) error {
		_, err := st.Page(ctx, q.filters[0], now, after, page)
		return err
	})
}

var errFar = errors.New("far enough")

// far returns the position behind so many pages.
func far(ctx context.Context, st *store.Store, f history.Filter, now time.Time) (pages int, after history.Position, err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	n := 0
	err = st.Each(ctx, f, now, func(r history.Row) error {
		if n++; n%page == 0 {
			pages, after = n/page, r.Position()
		}
		if pages == farPages {
			return errFar
		}
		return nil
	})
	if errors.Is(err, errFar) || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = nil
	}
	return pages, after, err
}

// inTurn is how often the same is asked for. What the machine does besides comes
// at any time, and a median of these has little of it; what is slow by itself is
// slow each time.
const inTurn = 5

// pages asks for so many pages, or for as long as patience lasts.
func (s *size) pages(ctx context.Context, o options, name string, once func(i int) error) error {
	const patience = 10 * time.Second
	began := time.Now()
	var inside, whole []time.Duration
	for i := 0; i < o.times && (i == 0 || time.Since(began) < patience); i++ {
		var turns []time.Duration
		for turn := range inTurn + 1 {
			in, call, err := s.meter.of(ctx, func() error { return once(i) })
			if err != nil {
				return err
			}
			if turn > 0 { // the first one warms up
				turns, whole = append(turns, in), append(whole, call)
			}
		}
		inside = append(inside, of(turns, 50))
	}
	s.note(name, inside, whole)
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
