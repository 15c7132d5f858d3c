package store_test

import (
	"net/url"
	"testing"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// An instance with another key is noticed; a change of keys with the old one listed
// is not reported.
func TestInstancesWithDifferentKeysAreNoticed(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
		for i, step := range []struct {
			keys []string
			same bool
		}{
			{[]string{"old"}, true},
			{[]string{"old"}, true},
			{[]string{"new", "old"}, true},
			{[]string{"old"}, false},
			{[]string{"other"}, false},
			{[]string{"other"}, true},
			{[]string{"new", "old"}, false},
		} {
			now = now.Add(time.Second)
			same, err := s.NoteKeys(t.Context(), step.keys, now)
			if err != nil || same != step.same {
				t.Errorf("step %d, %v: same is %v (%v), want %v", i, step.keys, same, err, step.same)
			}
		}
	})
}

func TestStoreWaitsForItsServer(t *testing.T) {
	line := testkit.NewLine(t, testkit.Postgres(t))
	directory, err := accounts.Load(accounts.Builtin)
	must(t, err)
	s, err := store.Open(line.URL, directory)
	must(t, err)
	defer func() { _ = s.Close() }()
	line.Cut()
	waits := 0
	err = s.Pool().WaitUntilUp(t.Context(), func(error) { waits++; line.Restore() })
	if err != nil || waits != 1 {
		t.Errorf("waited %d times, then %v", waits, err)
	}
}

// A wrong password is not a reason to wait.
func TestStoreDoesNotWaitForWhatCannotChange(t *testing.T) {
	directory, err := accounts.Load(accounts.Builtin)
	must(t, err)
	missing, err := url.Parse(testkit.Postgres(t))
	must(t, err)
	missing.Path = "/missing"
	s, err := store.Open(missing.String(), directory)
	must(t, err)
	defer func() { _ = s.Close() }()
	if err := s.Pool().WaitUntilUp(t.Context(), func(err error) { t.Fatalf("it waits: %v", err) }); err == nil {
		t.Error("no error for a missing database")
	}
}
