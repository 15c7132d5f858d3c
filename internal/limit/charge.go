package limit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// charge adds one to each key that has a limit. For each key over its limit it
// returns the time until the end of the window.
func (l *Limiter) charge(ctx context.Context, keys map[string]Rule) (map[string]time.Duration, error) {
	now := l.now().UTC().Truncate(time.Microsecond)
	charges := chargesOf(keys, now)
	if len(charges) == 0 {
		return nil, nil
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

// chargesOf returns the charges sorted by key. All requests lock shared counters in
// the same order, so they can't deadlock.
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
