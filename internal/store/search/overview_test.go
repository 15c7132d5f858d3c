package search_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

func TestOverviewMatchesTheRows(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		r := rand.New(rand.NewPCG(3, 4))
		o := record{now: testkit.NewClock().Now(), refusing: map[reset.ID]refusal{}}
		s := db.Open(t)
		o.fill(t, s, r, 300)
		sum := func() {
			t.Helper()
			if err := s.SumHours(t.Context(), o.now.AddDate(0, 0, -60), o.now); err != nil {
				t.Fatal(err)
			}
		}
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
		check("not summed up yet", 2)
		sum()
		for _, days := range []int{1, 7, 30, 90} {
			check("filled", days)
		}
		sum()
		check("summed up twice", 90)
		want, err := s.Overview(t.Context(), o.now.AddDate(0, 0, -89), o.now)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Purge(t.Context(), o.now.AddDate(0, 0, -20), o.now.AddDate(0, 0, 1)); err != nil {
			t.Fatal(err)
		}
		sum()
		got, err := s.Overview(t.Context(), o.now.AddDate(0, 0, -89), o.now)
		if diff := gocmp.Diff(want.Days, got.Days); err != nil || diff != "" {
			t.Errorf("%v: the sums changed when the resets were removed (-before +after)\n%s", err, diff)
		}
	})
}

// sameCounts compares two lists. Names with equal counts may be in any order,
// because the databases sort them differently.
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

// The lists are computed only from the newest rows.
func TestOverviewListsUseTheNewestRows(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		err := s.InTx(t.Context(), func(tx reset.Tx) error {
			for i := range history.SampleSize {
				at := now.Add(-time.Hour - time.Duration(i)*time.Second)
				if err := errors.Join(failed(t, tx, at, "203.0.113.7", "new.example.org"), failed(t, tx, at.AddDate(0, 0, -1), "203.0.113.9", "old.example.org")); err != nil {
					return err
				}
			}
			return failed(t, tx, now.AddDate(0, 0, -1), "203.0.113.9", "old.example.org")
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Overview(t.Context(), now.AddDate(0, 0, -7), now)
		if err != nil {
			t.Fatal(err)
		}
		newest := history.Counted{Name: "new.example.org", Count: history.SampleSize}
		want := history.Overview{
			Days: got.Days, Refusing: []history.Refusing{{Counted: newest, Server: "mx." + newest.Name}}, Busiest: []history.Counted{{Name: "203.0.113.7", Count: history.SampleSize}},
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// failed inserts a reset whose email failed.
func failed(t *testing.T, tx reset.Tx, at time.Time, ip, domain string) error {
	t.Helper()
	r := testkit.Reset(at, "customer", func(r *reset.Reset) { r.Email, r.CreatedByIP = "user@"+domain, mustIP(ip) })
	d := testkit.Delivery(at, r)
	if err := tx.Insert(t.Context(), r, d); err != nil {
		return err
	}
	d.FailedAt, d.NextAttemptAt, d.LastServer = at, time.Time{}, "mx."+domain
	return tx.Settle(t.Context(), d)
}

// overview computes the overview from all rows.
func (o record) overview(since time.Time) (v history.Overview) {
	first := since.UTC().Truncate(24 * time.Hour)
	byDay := map[time.Time]history.Sums{}
	busiest, refusing := map[string]int{}, map[history.Refusing]int{}
	for _, r := range o.rows {
		if by, there := o.refusing[r.ID]; there && !by.at.Before(first) {
			domain := history.Counted{Name: r.Email[strings.LastIndex(r.Email, "@")+1:]}
			refusing[history.Refusing{Counted: domain, Server: by.server}]++
		}
		if r.CreatedAt.Before(first) {
			continue
		}
		day := r.CreatedAt.UTC().Truncate(24 * time.Hour)
		byDay[day] = byDay[day].Add(o.sums(r))
		busiest[r.CreatedByIP.String()]++
	}
	for day := first; !day.After(o.now); day = day.AddDate(0, 0, 1) {
		v.Days = append(v.Days, history.DaySums{Day: day, Sums: byDay[day]})
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

// sums returns the sums of one reset.
func (o record) sums(r reset.Reset) (s history.Sums) {
	one := func(is bool) int {
		if is {
			return 1
		}
		return 0
	}
	s = history.Sums{
		Requested: 1, NoAccount: one(r.Withheld == reset.WithheldNoAccount), Inactive: one(r.Withheld == reset.WithheldInactive),
		Throttled: one(r.Withheld == reset.WithheldThrottled), NoPassword: one(r.Withheld == reset.WithheldNoPassword), Unmatched: one(r.Withheld == reset.WithheldUnmatched),
		MailAccepted: one(r.Mail == reset.MailAccepted), MailFailed: one(r.Mail == reset.MailFailed),
		Opened: one(!r.OpenedAt.IsZero()), Revoked: one(!r.RevokedAt.IsZero()), Used: one(!r.UsedAt.IsZero()),
	}
	for i, t := range history.UseTimes {
		s.UsedWithin[i] = one(!r.UsedAt.IsZero() && r.UsedAt.Sub(r.CreatedAt) <= t)
	}
	return s
}

// most returns the ten most frequent names.
func most[T comparable](counts map[T]int) []T {
	return slices.SortedFunc(maps.Keys(counts), func(a, b T) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})[:min(10, len(counts))]
}

func mustIP(s string) netip.Addr { return netip.MustParseAddr(s) }
