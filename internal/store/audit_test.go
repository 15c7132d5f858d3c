package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

func entry(i int) staff.Entry {
	return staff.Entry{
		At: testkit.NewClock().Now().Add(time.Duration(i) * time.Second), Member: "agent", Role: staff.Agent, Action: staff.Revoked,
		Target: fmt.Sprint(i), Refused: "why not", Reason: "she called; %_\\ 'ü'\n", IP: testkit.Visitor.IP, Agent: testkit.Visitor.Agent,
	}
}

func audit(t *testing.T, s *store.Store, q staff.Search) []staff.Entry {
	t.Helper()
	if q.Rows == 0 {
		q.Rows = 9
	}
	entries, err := s.Audit(t.Context(), q)
	must(t, err)
	return entries
}

func targets(entries []staff.Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Target)
	}
	return strings.Join(all, " ")
}

func TestActionsOnReturnsEntriesWithAReason(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		for i, reason := range []string{"first", "", "second", "third"} {
			for _, target := range []string{"one", "another"} {
				e := entry(i)
				e.Target, e.Reason = target, reason
				must(t, s.Record(t.Context(), e))
			}
		}
		actions, err := s.ActionsOn(t.Context(), []string{"one"}, time.Time{}, time.Time{}, 2)
		if err != nil || len(actions) != 2 || actions[0].Reason != "third" || actions[1].Reason != "second" || targets(actions) != "one one" {
			t.Errorf("got %v %v, want the two newest actions with a reason", actions, err)
		}
	})
}

func TestAuditIsOrderedNewestFirst(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		if got := audit(t, s, staff.Search{}); len(got) != 0 {
			t.Errorf("empty table: got %v", got)
		}
		for i := range 7 {
			must(t, s.Record(t.Context(), entry(i)))
		}
		first := audit(t, s, staff.Search{Rows: 3})
		if targets(first) != "6 5 4" {
			t.Fatalf("first page: got %s, want 6 5 4", targets(first))
		}
		if err := s.Record(t.Context(), entry(7)); err != nil { // does not move the next pages
			t.Fatal(err)
		}
		second := audit(t, s, staff.Search{After: first[2].Position(), Rows: 3})
		last := audit(t, s, staff.Search{After: second[2].Position(), Rows: 3})
		if targets(second) != "3 2 1" || targets(last) != "0" {
			t.Errorf("got %s, then %s; want 3 2 1, then 0", targets(second), targets(last))
		}
		if diff := cmp.Diff(entry(0), last[0], cmpopts.IgnoreFields(staff.Entry{}, "ID"), cmpopts.EquateComparable(testkit.Visitor.IP)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

// Each condition must restrict the entries, and several must restrict them together.
func TestAuditSearch(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, start := db.Open(t), testkit.NewClock().Now()
		for i, change := range []func(*staff.Entry){
			func(e *staff.Entry) { e.Member = "ADA" },
			func(e *staff.Entry) { e.Action, e.Refused = staff.ViewedUser, "" },
			func(e *staff.Entry) { e.Action, e.Member = staff.ViewedReset, "ada" },
			func(e *staff.Entry) { e.At = start.Add(2 * time.Second) }, // at the same time as the one before
			func(e *staff.Entry) { e.At = start.Add(-time.Hour) },      // recorded late
		} {
			e := entry(i)
			change(&e)
			must(t, s.Record(t.Context(), e))
		}
		second := start.Add(time.Second)
		for want, q := range map[string]staff.Search{
			"3 2 1 0 4": {},
			"2 0":       {Member: "Ada"},
			"2 1":       {Actions: []staff.Action{staff.ViewedUser, staff.ViewedReset}},
			"3 2 0 4":   {Refused: true},
			"3 4":       {Targets: []string{"4", "3", "9"}},
			"":          {Targets: []string{}},
			"3 2 1":     {Since: second},
			"0 4":       {Until: second},
			"1":         {Since: second, Until: second.Add(time.Microsecond)},
			"2":         {Member: "ada", Actions: []staff.Action{staff.ViewedReset}, Since: second, Refused: true},
		} {
			if got := targets(audit(t, s, q)); got != want {
				t.Errorf("%+v: got %q, want %q", q, got, want)
			}
			var paged []staff.Entry
			for next := audit(t, s, with(q, staff.Position{})); len(next) > 0; next = audit(t, s, with(q, next[0].Position())) {
				paged = append(paged, next...)
			}
			if got := targets(paged); got != want {
				t.Errorf("%+v, one by one: got %q, want %q", q, got, want)
			}
		}
	})
}

func with(q staff.Search, after staff.Position) staff.Search {
	q.After, q.Rows = after, 1
	return q
}

func TestAuditAcceptsCommandLineEntries(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		must(t, s.Record(t.Context(), staff.Entry{At: time.Now(), Member: staff.Command, Action: staff.AddedMember}))
		if got := audit(t, s, staff.Search{Rows: 1})[0]; got.IP.IsValid() || got.Role != "" {
			t.Errorf("got %+v, want neither address nor role", got)
		}
		if err := s.Record(t.Context(), staff.Entry{At: time.Now(), Member: "x"}); err == nil {
			t.Error("an entry without an action was accepted")
		}
	})
}
