package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"

	"resetd/internal/store"
	"resetd/internal/store/inspect"
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

func TestConcurrentMigrationsRunOnce(t *testing.T) {
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
		if err != nil || len(all) != 2 {
			t.Errorf("got %d migrations (%v), want 2", len(all), err)
		}
		for _, m := range all {
			if !m.Applied {
				t.Errorf("%s is not applied", m.File)
			}
		}
	})
}

func TestMigrationsWithoutBuiltinAccountsKeepTheUsersTable(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		db.SQL(t, `CREATE TABLE users (login text)`) // the application's
		must(t, db.Open(t).MigrateUp(t.Context(), false))
		db.SQL(t, `INSERT INTO users (login) VALUES ('untouched')`)
	})
}

func TestMigrationsNameTheCommandThatExplainsAnError(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		db.SQL(t, `CREATE TABLE reset_schema_version (other text)`)
		if err := s.MigrateUp(t.Context(), true); err == nil || !strings.Contains(err.Error(), "run `resetd check`") {
			t.Errorf("got %v, want the command that prints what to do", err)
		}
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

// Builds before the first release have other tables under the same names.
func TestDatabaseOfAnotherBuildIsRefused(t *testing.T) {
	older := map[string][]string{
		"an earlier build":        {`DROP TABLE reset_schema`, `INSERT INTO reset_schema_version (version_id, is_applied) SELECT 13, is_applied FROM reset_schema_version WHERE version_id = 1`},
		"another schema":          {`UPDATE reset_schema SET digest = 'other' WHERE file = '00001_schema.sql'`},
		"other built-in accounts": {`UPDATE reset_schema SET digest = 'other' WHERE file = 'builtin/00001_schema.sql'`},
	}
	for name, change := range older {
		t.Run(name, func(t *testing.T) {
			testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
				db.SQL(t, change...)
				s := db.Open(t)
				for name, f := range map[string]func() error{
					"up":         func() error { return s.MigrateUp(t.Context(), true) },
					"up to date": func() error { return s.UpToDate(t.Context(), true) },
				} {
					if err := f(); !errors.Is(err, store.ErrOtherBuild) {
						t.Errorf("%s: got %v, want %v", name, err, store.ErrOtherBuild)
					}
				}
				i, err := inspect.Open(db.URL, testkit.Builtin(t))
				must(t, err)
				defer func() { _ = i.Close() }()
				if tables, err := i.Tables(t.Context(), true); err != nil || !tables.Other {
					t.Errorf("check: got %+v %v, want tables of another build", tables, err)
				}
			})
		})
	}
}

func TestSchemasOfBothDatabasesHaveTheSameNames(t *testing.T) {
	for _, file := range []string{"00001_schema.sql", "builtin/00001_schema.sql"} {
		names := func(folder string) (all []string) {
			text, err := migrations.FS.ReadFile(folder + "/" + file)
			must(t, err)
			for _, found := range regexp.MustCompile(`(?m)^ +([a-z_0-9]+) +(?:uuid|timestamptz|text|inet|bigint|integer|boolean|TEXT|INTEGER)\b|CONSTRAINT ([a-z_]+)|(?:TABLE|INDEX) ([a-z_]+)`).FindAllStringSubmatch(string(text), -1) {
				if name := found[1] + found[2] + found[3]; !strings.HasSuffix(name, "_is_bool") { // SQLite has no boolean
					all = append(all, name)
				}
			}
			slices.Sort(all)
			return all
		}
		if diff := cmp.Diff(names("postgres"), names("sqlite")); diff != "" {
			t.Errorf("%s: (-postgres +sqlite)\n%s", file, diff)
		}
	}
}

// down reverts n migrations.
func down(t *testing.T, s *store.Store, n int) {
	t.Helper()
	for range n {
		_, err := s.MigrateDown(t.Context(), true)
		must(t, err)
	}
}

func TestMigrateDownRevertsOneMigration(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		for _, of := range []migrations.Set{migrations.Builtin, migrations.Main} {
			gone, err := s.MigrateDown(t.Context(), true)
			must(t, err)
			if diff := cmp.Diff(of.Tables, gone.Tables); diff != "" {
				t.Errorf("%s: removed (-want +got)\n%s", gone.File, diff)
			}
		}
		if _, err := s.MigrateDown(t.Context(), true); err == nil {
			t.Error("a third migration was reverted, but there are only two")
		}
		if err := s.UpToDate(t.Context(), true); err == nil {
			t.Error("an empty database is reported as up to date")
		}
		if err := s.MigrateUp(t.Context(), true); err != nil {
			t.Error(err)
		}
	})
}

// A process that waits for another one must not look dead.
func TestWaitingForAnotherMigrationIsReported(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		t.Parallel() // most of it is waiting
		release := holdTables(t, db)
		s := db.Open(t)
		var waits int
		s.Waiting = func() { waits++; release() }
		if err := s.MigrateUp(t.Context(), true); err != nil || waits != 1 {
			t.Errorf("got %v after %d reports, want 1", err, waits)
		}
	})
}

// holdTables is another process that changes the tables.
func holdTables(t *testing.T, db testkit.Database) (release func()) {
	t.Helper()
	if db.Name == "sqlite" {
		l := flock.New(strings.TrimPrefix(db.URL, "sqlite:") + ".lock")
		must(t, l.Lock())
		return func() { _ = l.Unlock() }
	}
	unlock, locked, err := db.Open(t).Pool().TryLock(t.Context())
	if err != nil || !locked {
		t.Fatalf("locked %v, %v", locked, err)
	}
	return unlock
}

// A lock of a session would stay with one of the pooler's connections.
func TestMigrationsThroughAPooler(t *testing.T) {
	direct := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	db := testkit.Database{Name: "postgres", URL: testkit.Pooler(t, direct.URL)}
	for range 3 {
		together(t, 3, func(s *store.Store) error { return s.MigrateUp(t.Context(), true) }, db)
		if n := direct.Text(t, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); n != "0" {
			t.Fatalf("%s locks are left", n)
		}
		down(t, db.Open(t), 2)
	}
}

// together runs f in several processes at the same time. None may wait for ever.
func together(t *testing.T, n int, f func(*store.Store) error, db testkit.Database) {
	t.Helper()
	errs := make(chan error, n)
	for range n {
		s := db.Open(t)
		go func() { errs <- f(s) }()
	}
	for range n {
		select {
		case err := <-errs:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(time.Minute):
			t.Fatal("a process still waits")
		}
	}
}

func TestCanceledMigrationLeavesNoLock(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		ctx, cancel := context.WithCancel(t.Context())
		release := holdTables(t, db)
		waiting := db.Open(t)
		done := make(chan error, 1)
		go func() { done <- waiting.MigrateUp(ctx, true) }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the end of the context", err)
		}
		release()
		if err := db.Open(t).MigrateUp(t.Context(), true); err != nil {
			t.Error(err)
		}
	})
}
