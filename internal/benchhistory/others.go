package main

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store"
)

// others measures what is no page of a search.
func (s *size) others(ctx context.Context, o options, st *store.Store, now time.Time) error {
	for _, each := range []struct {
		name string
		once func() error
	}{
		{"overview, 7 days", func() error { _, err := st.Overview(ctx, now.AddDate(0, 0, -6), now); return err }},
		{"overview, 30 days", func() error { _, err := st.Overview(ctx, now.AddDate(0, 0, -29), now); return err }},
		{"overview, 90 days", func() error { _, err := st.Overview(ctx, now.AddDate(0, 0, -89), now); return err }},
		{"account's days, busiest", func() error {
			_, err := st.Days(ctx, busiest, now.AddDate(0, 0, -89))
			return err
		}},
		{"company of a busy IP address", func() error {
			_, err := st.Company(ctx, netip.MustParseAddr("203.0.113.7"), now.AddDate(0, 0, -20), 20)
			return err
		}},
		{"count to 10,000: everything", count(ctx, st, history.Filter{}, now)},
		{"count to 10,000: busiest account", count(ctx, st, history.Filter{UserID: busiest}, now)},
		{"count to 10,000: busy /24", count(ctx, st, network("203.0.113.0/24"), now)},
		{"count to 10,000: old burst /24", count(ctx, st, network("198.51.100.0/24"), now)},
		{"count to 10,000: part, anna", count(ctx, st, history.Filter{Part: "anna"}, now)},
		{"count to 10,000: part, kovacs77", count(ctx, st, history.Filter{Part: "kovacs77"}, now)},
		{"count to 10,000: part, anna, no_password", count(ctx, st, history.Filter{Part: "anna", Withheld: reset.WithheldNoPassword}, now)},
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
