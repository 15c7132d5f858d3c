package limit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Key is what is counted, and its rule.
type Key struct {
	name  string
	what  string // the first part of the name, which tells which limit it is
	rule  Rule
	owner string // see Owner; empty: nobody
}

// ChargeEach charges each key once and returns how long each has to wait: zero if
// it is within its limit, else the time until its window ends. A key that occurs
// several times is charged in the order of the list.
func (l *Limiter) ChargeEach(ctx context.Context, counters Charger, keys []Key) ([]time.Duration, error) {
	now, waits := l.now().UTC().Truncate(time.Microsecond), make([]time.Duration, len(keys))
	charges := chargesOf(keys, now)
	if len(charges) == 0 {
		return waits, nil
	}
	counts, err := counters.Charge(ctx, now, charges)
	if err != nil {
		return nil, fmt.Errorf("charge limits: %w", err)
	}
	left := map[string]*Count{}
	for i := range counts {
		left[counts[i].Key] = &counts[i]
	}
	// Walk backward: the last occurrence of a key sees the full count, each earlier
	// one sees one less.
	for i, key := range slices.Backward(keys) {
		c := left[key.name]
		if c == nil {
			continue // no limit
		}
		if c.Count > key.rule.Count {
			waits[i] = max(time.Second, c.EndsAt.Sub(now))
			l.reached(key.what)
		}
		c.Count--
	}
	return waits, nil
}

// LimitsRequests reports whether requests have any limit in the database.
func (l *Limiter) LimitsRequests() bool { return l.rules.IP.Count > 0 || l.rules.Address.Count > 0 }

// chargesOf sums the charges to each key and sorts them by key. All requests lock
// shared counters in the same order, so they can't deadlock.
func chargesOf(keys []Key, now time.Time) (charges []Charge) {
	at := map[string]int{}
	for _, key := range keys {
		switch i, known := at[key.name]; {
		case key.rule.Count == 0:
		case known:
			charges[i].N++
		default:
			at[key.name] = len(charges)
			charges = append(charges, Charge{key.name, 1, now.Add(key.rule.Window), key.owner})
		}
	}
	slices.SortFunc(charges, func(a, b Charge) int { return cmp.Compare(a.Key, b.Key) })
	return charges
}

// chargeOrRefuse charges a key and returns *TooMany if it is over its limit.
func (l *Limiter) chargeOrRefuse(ctx context.Context, key Key) error {
	waits, err := l.ChargeEach(ctx, l.counters, []Key{key})
	if err == nil && waits[0] > 0 {
		err = &TooMany{waits[0]}
	}
	return err
}

func (l *Limiter) refund(ctx context.Context, keys []Key) error {
	var names []string
	for _, key := range keys {
		if key.rule.Count > 0 {
			names = append(names, key.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	if err := l.counters.Refund(ctx, l.now(), names); err != nil {
		return fmt.Errorf("refund limits: %w", err)
	}
	return nil
}

func (l *Limiter) reached(what string) {
	if l.Reached != nil {
		l.Reached(what)
	}
}
