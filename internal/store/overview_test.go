package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

func TestOverviewIsWhatALookAtEachRowSays(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		r := rand.New(rand.NewPCG(3, 4))
		o := record{now: testkit.NewClock().Now(), refusing: map[reset.ID]string{}, sent: map[reset.ID]bool{}}
		s := db.Open(t)
		o.fill(t, s, r, 300)
		check := func(when string, days int) {
			t.Helper()
			since := o.now.AddDate(0, 0, 1-days)
			got, err := s.Overview(t.Context(), since, o.now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(o.overview(since), got, gocmp.FilterPath(func(p gocmp.Path) bool { return p.String() == "Busiest" }, gocmp.Comparer(sameCounts))); diff != "" {
				t.Errorf("%s, %d days: (-want +got)\n%s", when, days, diff)
			}
		}
		for _, days := range []int{1, 7, 30, 90} {
			check("filled", days)
		}
		before := o.now.AddDate(0, 0, -20)
		if _, err := s.Purge(t.Context(), before, o.now.AddDate(0, 0, 1)); err != nil {
			t.Fatal(err)
		}
		o.rows = slices.DeleteFunc(o.rows, func(r history.Row) bool {
			return r.CreatedAt.Before(before) && (o.sent[r.ID] || !r.MailFailedAt.IsZero()) // else its mail is still due
		})
		check("purged", 90)
	})
}

// sameCounts: equal counts stand in an order that each database has its own of.
func sameCounts(a, b []history.Counted) bool {
	tied := func(n int) bool { return n == a[len(a)-1].Count || occurs(a, n) > 1 }
	return slices.EqualFunc(a, b, func(a, b history.Counted) bool { return a.Count == b.Count && (a.Name == b.Name || tied(a.Count)) })
}

func occurs(counted []history.Counted, n int) (times int) {
	for _, c := range counted {
		if c.Count == n {
			times++
		}
	}
	return times
}

// What is no sum is of the newest alone, however many older ones say otherwise.
func TestOverviewLooksAtTheNewest(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		err := s.InTx(t.Context(), func(tx reset.Tx) error {
			for i := range history.Looked {
				at := now.Add(-time.Hour - time.Duration(i)*time.Second)
				if err := errors.Join(live(t, tx, at, time.Minute, "203.0.113.7", "new.example.org"), live(t, tx, at.AddDate(0, 0, -1), time.Hour/2, "203.0.113.9", "old.example.org")); err != nil {
					return err
				}
			}
			return live(t, tx, now.AddDate(0, 0, -1), time.Hour/2, "203.0.113.9", "old.example.org")
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Overview(t.Context(), now.AddDate(0, 0, -7), now)
		if err != nil {
			t.Fatal(err)
		}
		newest := history.Counted{Name: "new.example.org", Count: history.Looked}
		want := history.Overview{
			Days: got.Days, Used: time.Minute, Refusing: []history.Refusing{{Counted: newest, Server: "mx." + newest.Name}}, Busiest: []history.Counted{{Name: "203.0.113.7", Count: history.Looked}},
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// live writes a reset that was used, though its mail was given up.
func live(t *testing.T, tx reset.Tx, at time.Time, took time.Duration, ip, domain string) error {
	t.Helper()
	r := testkit.Reset(at, "customer", func(r *reset.Reset) { r.Email, r.CreatedByIP = "user@"+domain, mustIP(ip) })
	d := testkit.Delivery(at, r)
	if err := tx.Insert(t.Context(), r, d); err != nil {
		return err
	}
	d.FailedAt, d.NextAttemptAt, d.LastServer = at, time.Time{}, "mx."+domain
	_, err := tx.Use(t.Context(), r.ID, at.Add(took), reset.Client{IP: r.CreatedByIP})
	return errors.Join(err, tx.Settle(t.Context(), d))
}

// overview looks at each row.
func (o record) overview(since time.Time) (v history.Overview) {
	first := since.UTC().Truncate(24 * time.Hour)
	byDay := map[time.Time]*history.DaySum{}
	var took []time.Duration
	busiest, refusing := map[string]int{}, map[history.Refusing]int{}
	for day := first; !day.After(o.now); day = day.AddDate(0, 0, 1) {
		byDay[day] = &history.DaySum{Day: day, Withheld: map[reset.Withheld]int{}}
	}
	for _, r := range o.rows {
		sum := byDay[r.CreatedAt.UTC().Truncate(24*time.Hour)]
		if sum == nil {
			continue
		}
		o.count(sum, r)
		busiest[r.CreatedByIP.String()]++
		if !r.UsedAt.IsZero() {
			took = append(took, r.UsedAt.Sub(r.CreatedAt))
		}
		if !r.MailFailedAt.IsZero() {
			domain := history.Counted{Name: r.Email[strings.LastIndex(r.Email, "@")+1:]}
			refusing[history.Refusing{Counted: domain, Server: o.refusing[r.ID]}]++
		}
	}
	for day := first; !day.After(o.now); day = day.AddDate(0, 0, 1) {
		v.Days = append(v.Days, *byDay[day])
	}
	if slices.Sort(took); len(took) > 0 {
		v.Used = took[(len(took)-1)/2]
	}
	for _, by := range most(refusing) {
		by.Count = refusing[by]
		v.Refusing = append(v.Refusing, by)
	}
	for _, name := range most(busiest) {
		v.Busiest = append(v.Busiest, history.Counted{Name: name, Count: busiest[name]})
	}
	return v
}

func (o record) count(sum *history.DaySum, r history.Row) {
	sum.Asked++
	for n, yes := range map[*int]bool{&sum.Delivered: o.sent[r.ID], &sum.Opened: !r.OpenedAt.IsZero(), &sum.Used: !r.UsedAt.IsZero()} {
		if yes {
			*n++
		}
	}
	if r.Withheld != "" {
		sum.Withheld[r.Withheld]++
	}
}

// most are the ten that occurred most.
func most[T comparable](counts map[T]int) []T {
	return slices.SortedFunc(maps.Keys(counts), func(a, b T) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})[:min(10, len(counts))]
}
