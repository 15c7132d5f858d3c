package limit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// charge adds one to each key that has a limit and returns, for those that are
// over it, how long their windows still run.
func (l *Limiter) charge(ctx context.Context, keys map[string]Rule) (map[string]time.Duration, error) {
	now := l.now().UTC().Truncate(time.Microsecond)
	charges := chargesOf(keys, now)
	if len(charges) == 0 {
		return nil, nil // nothing is over its limit
	}
	counts, err := l.counters.Charge(ctx, now, charges)
	if err != nil {
		return nil, fmt.Errorf("charge limits: %w", err)
	}
	over := map[string]time.Duration{}
	for _, c := range counts {
		if c.Count > keys[c.Key].Count {
			over[c.Key] = max(time.Second, c.EndsAt.Sub(now))
		}
	}
	return over, nil
}

// chargesOf sorts by key, so that two visitors who share counters take them in
// one order and never wait for each other.
func chargesOf(keys map[string]Rule, now time.Time) (charges []Charge) {
	for name, rule := range keys {
		if rule.Count > 0 {
			charges = append(charges, Charge{name, now.Add(rule.Window)})
		}
	}
	slices.SortFunc(charges, func(a, b Charge) int { return cmp.Compare(a.Key, b.Key) })
	return charges
}

func (l *Limiter) refund(ctx context.Context, keys map[string]Rule) error {
	limited := maps.Clone(keys)
	maps.DeleteFunc(limited, func(_ string, r Rule) bool { return r.Count == 0 })
	if len(limited) == 0 {
		return nil
	}
	if err := l.counters.Refund(ctx, l.now(), slices.Sorted(maps.Keys(limited))); err != nil {
		return fmt.Errorf("refund limits: %w", err)
	}
	return nil
}
