package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
	"resetd/migrations"
)

// eachEmpty runs a test on both databases, before any migration.
func eachEmpty(t *testing.T, test func(t *testing.T, db testkit.Database)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, testkit.Database{Name: "sqlite", URL: "sqlite:" + filepath.Join(t.TempDir(), "resetd.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		test(t, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)})
	})
}

func TestMigrationsOfBothDatabasesHaveTheSameNames(t *testing.T) {
	files := func(folder string) (names []string) {
		_ = fs.WalkDir(migrations.FS, folder, func(path string, d fs.DirEntry, _ error) error {
			if !d.IsDir() {
				names = append(names, strings.TrimPrefix(path, folder))
			}
			return nil
		})
		return names
	}
	if diff := cmp.Diff(files("postgres"), files("sqlite")); diff != "" {
		t.Errorf("(-postgres +sqlite)\n%s", diff)
	}
}

func TestMigrationsRunOnceHoweverManyStart(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		errs := make(chan error, 8)
		var wg sync.WaitGroup
		for range cap(errs) {
			s := db.Open(t)
			wg.Go(func() { errs <- s.MigrateUp(t.Context(), true) })
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				t.Error(err)
			}
		}
		s := db.Open(t)
		if err := s.UpToDate(t.Context(), true); err != nil {
			t.Error(err)
		}
		all, err := s.MigrateStatus(t.Context(), true)
		if err != nil || len(all) != 15 {
			t.Errorf("got %d migrations (%v), want 15", len(all), err)
		}
		for _, m := range all {
			if !m.Applied {
				t.Errorf("%s is not applied", m.File)
			}
		}
	})
}

func TestMigrationsWithoutBuiltinAccountsMakeNoUsers(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		db.SQL(t, `CREATE TABLE users (login text)`) // the application's
		if err := db.Open(t).MigrateUp(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		db.SQL(t, `INSERT INTO users (login) VALUES ('untouched')`)
	})
}

func TestMigrationsRefuseTakenNames(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		db.SQL(t, `CREATE TABLE users (login text)`, `CREATE TABLE reset_events (x text)`)
		for builtin, name := range map[bool]string{false: "reset_events", true: "reset_events"} {
			err := db.Open(t).MigrateUp(t.Context(), builtin)
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("builtin %v: got %v, want an error that names %s", builtin, err, name)
			}
		}
		db.SQL(t, `DROP TABLE reset_events`)
		err := db.Open(t).MigrateUp(t.Context(), true)
		if err == nil || !strings.Contains(err.Error(), "users") {
			t.Errorf("got %v, want an error that names users", err)
		}
	})
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	for _, table := range []string{"reset_schema_version", "reset_builtin_schema_version"} {
		testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
			db.SQL(t, fmt.Sprintf(`INSERT INTO %s (version_id, is_applied) VALUES (99999, %s)`,
				table, map[string]string{"sqlite": "1", "postgres": "true"}[db.Name]))
			s := db.Open(t)
			for name, f := range map[string]func() error{
				"up":         func() error { return s.MigrateUp(t.Context(), true) },
				"up to date": func() error { return s.UpToDate(t.Context(), true) },
			} {
				if err := f(); !errors.Is(err, store.ErrNewer) {
					t.Errorf("%s: got %v, want %v", name, err, store.ErrNewer)
				}
			}
		})
	}
}

// Mails that were refused before the column was there have their server in it.
func TestTheServerOfOldRefusalsIsKnown(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s, now := db.Open(t), testkit.NewClock().Now()
		r := testkit.Reset(now, "7")
		d := testkit.Delivery(now, r)
		if err := s.Insert(t.Context(), r, d); err != nil {
			t.Fatal(err)
		}
		d.FailedAt, d.NextAttemptAt, d.Attempts = now, time.Time{}, 0
		if err := s.Settle(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		for kind, server := range map[reset.EventKind]string{reset.EventFailed: "mx.example.org:25", reset.EventDeferred: "other.example.org:25"} {
			if err := s.Append(t.Context(), reset.Event{ResetID: r.ID, At: now, Kind: kind, Actor: reset.ActorWorker, Agent: server}); err != nil {
				t.Fatal(err)
			}
		}
		down(t, s, 5)
		if err := s.MigrateUp(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if got := db.Text(t, `SELECT last_server FROM reset_deliveries`); got != "mx.example.org:25" {
			t.Errorf("got %q, want the server that refused", got)
		}
	})
}

// Early builds made the column with the table.
func TestAServersColumnFromTheBeginningIsNoObstacle(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		down(t, s, 5)
		db.SQL(t, `ALTER TABLE reset_deliveries ADD COLUMN last_server text NOT NULL DEFAULT ''`)
		if err := s.MigrateUp(t.Context(), true); err != nil {
			t.Fatal(err)
		}
		if err := s.UpToDate(t.Context(), true); err != nil {
			t.Error(err)
		}
	})
}

// down takes back so many migrations, the last one first.
func down(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for range n {
		if err := s.MigrateDown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMigrateDownTakesBackOneAtATime(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		down(t, s, 13)
		if err := s.MigrateDown(t.Context()); err == nil {
			t.Error("a fourteenth migration was taken back, and there are thirteen")
		}
		if err := s.UpToDate(t.Context(), true); err == nil {
			t.Error("an empty database is said to be up to date")
		}
		if err := s.MigrateUp(t.Context(), true); err != nil {
			t.Error(err)
		}
	})
}
