package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/store"
)

const (
	page     = 50
	farPages = 999 // before the thousandth
)

// size is what was measured on one database.
type size struct {
	resets int
	order  []string
	took   map[string]percentiles
}

// percentiles are of the first page and of a far one.
type percentiles struct {
	p50, p99 time.Duration
}

func (s *size) note(name string, took []time.Duration) {
	slices.Sort(took)
	s.order = append(s.order, name)
	s.took[name] = percentiles{took[len(took)/2], took[len(took)*99/100]}
	fmt.Fprintf(os.Stderr, "%-60s %8s %8s\n", name, ms(s.took[name].p50), ms(s.took[name].p99))
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

// pages asks so often, or for as long as patience lasts.
func (s *size) pages(ctx context.Context, o options, name string, once func(i int) error) error {
	const patience = 5 * time.Second
	began := time.Now()
	var took []time.Duration
	for i := -3; i < o.times && (i < 1 || time.Since(began) < patience); i++ {
		start := time.Now()
		if err := once(max(i, 0)); err != nil {
			return err
		}
		if i >= 0 { // the first ones warm up
			took = append(took, time.Since(start))
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	s.note(name, took)
	return nil
}

func (s *size) others(ctx context.Context, o options, st *store.Store, now time.Time) error {
	for _, each := range []struct {
		name string
		once func() error
	}{
		{"overview, 7 days", func() error { _, err := st.Overview(ctx, now.AddDate(0, 0, -6), now); return err }},
		{"overview, 30 days", func() error { _, err := st.Overview(ctx, now.AddDate(0, 0, -29), now); return err }},
		{"overview, 90 days", func() error { _, err := st.Overview(ctx, now.AddDate(0, 0, -89), now); return err }},
		{"account's days, busiest", func() error {
			_, err := st.Days(ctx, "7b774effe4a349c6dd82ad4f4f21d34c", now.AddDate(0, 0, -89))
			return err
		}},
		{"company of a busy IP address", func() error {
			_, err := st.Company(ctx, netip.MustParseAddr("203.0.113.7"), now.AddDate(0, 0, -20), 20)
			return err
		}},
		{"count to 10,000: everything", count(ctx, st, history.Filter{}, now)},
		{"count to 10,000: busiest account", count(ctx, st, history.Filter{UserID: "7b774effe4a349c6dd82ad4f4f21d34c"}, now)},
		{"count to 10,000: busy /24", count(ctx, st, network("203.0.113.0/24"), now)},
		{"count to 10,000: old burst /24", count(ctx, st, network("198.51.100.0/24"), now)},
		{"count to 10,000: part, anna", count(ctx, st, history.Filter{Part: "anna"}, now)},
	} {
		if !strings.Contains(each.name, o.only) {
			continue
		}
		if err := s.pages(ctx, o, each.name, func(int) error { return each.once() }); err != nil {
			return fmt.Errorf("%s: %w", each.name, err)
		}
	}
	return nil
}

func count(ctx context.Context, st *store.Store, f history.Filter, now time.Time) func() error {
	return func() error { _, err := st.Count(ctx, f, now, 10_000); return err }
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }
