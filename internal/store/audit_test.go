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

func audit(t *testing.T, s *store.Store, before int64, n int) []staff.Entry {
	t.Helper()
	entries, err := s.Audit(t.Context(), before, n)
	if err != nil {
		t.Fatal(err)
	}
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
				if err := s.Record(t.Context(), e); err != nil {
					t.Fatal(err)
				}
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
		if got := audit(t, s, 0, 9); len(got) != 0 {
			t.Errorf("empty table: got %v", got)
		}
		for i := range 7 {
			if err := s.Record(t.Context(), entry(i)); err != nil {
				t.Fatal(err)
			}
		}
		first := audit(t, s, 0, 3)
		if targets(first) != "6 5 4" {
			t.Fatalf("first page: got %s, want 6 5 4", targets(first))
		}
		if err := s.Record(t.Context(), entry(7)); err != nil { // does not move the next pages
			t.Fatal(err)
		}
		second := audit(t, s, first[2].ID, 3)
		last := audit(t, s, second[2].ID, 3)
		if targets(second) != "3 2 1" || targets(last) != "0" {
			t.Errorf("got %s, then %s; want 3 2 1, then 0", targets(second), targets(last))
		}
		if diff := cmp.Diff(entry(0), last[0], cmpopts.IgnoreFields(staff.Entry{}, "ID"), cmpopts.EquateComparable(testkit.Visitor.IP)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if len(audit(t, s, 1<<40, 9)) != 8 {
			t.Error("an id above all others does not start at the newest entry")
		}
	})
}

func TestAuditAcceptsCommandLineEntries(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		if err := s.Record(t.Context(), staff.Entry{At: time.Now(), Member: staff.Command, Action: staff.AddedMember}); err != nil {
			t.Fatal(err)
		}
		if got := audit(t, s, 0, 1)[0]; got.IP.IsValid() || got.Role != "" {
			t.Errorf("got %+v, want neither address nor role", got)
		}
		if err := s.Record(t.Context(), staff.Entry{At: time.Now(), Member: "x"}); err == nil {
			t.Error("an entry without an action was accepted")
		}
	})
}
