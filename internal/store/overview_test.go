package store_test

import (
	"cmp"
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
	return slices.EqualFunc(a, b, func(a, b history.Counted) bool { return a.Count == b.Count })
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
