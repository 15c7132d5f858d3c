package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"resetd/internal/accounts"
	"resetd/internal/store"
	"resetd/internal/testkit"
	"resetd/internal/testkit/postgres"
)

// withSearchPath returns the database with another search_path and, unless it is nil,
// another user.
func withSearchPath(t *testing.T, db testkit.Database, path string, user *url.Userinfo) testkit.Database {
	t.Helper()
	u, err := url.Parse(db.URL)
	must(t, err)
	if user != nil {
		u.User = user
	}
	q := u.Query()
	q.Set("search_path", path)
	u.RawQuery = q.Encode()
	db.URL = u.String()
	return db
}

// newRole creates a role that may only connect, until the end of the test.
func newRole(t *testing.T) *url.Userinfo {
	t.Helper()
	name := "resetd_role_" + strings.ToLower(rand.Text()[:10])
	on := func(statement string) {
		server, err := sql.Open("postgres", os.Getenv(postgres.URLVariable))
		must(t, err)
		defer func() { _ = server.Close() }()
		if _, err := server.ExecContext(context.Background(), statement); err != nil {
			t.Error(err)
		}
	}
	on(`CREATE ROLE ` + name + ` LOGIN PASSWORD 'secret'`)
	t.Cleanup(func() { on(`DROP ROLE ` + name) })
	return url.UserPassword(name, "secret")
}

// Laravel before 10 has a table password_resets. It is no obstacle in another
// schema.
func TestMigrateCreatesTheFirstSchemaInThePath(t *testing.T) {
	db := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	db.SQL(t, `CREATE TABLE password_resets (email varchar(255), token varchar(255))`)
	own := withSearchPath(t, db, `"Resets",public`, nil)
	for what, f := range map[string]func(*store.Store) error{
		"up to date": func(s *store.Store) error { return s.UpToDate(t.Context(), false) },
		"down":       func(s *store.Store) error { _, err := s.MigrateDown(t.Context(), false); return err },
	} {
		if err := f(own.Open(t)); err == nil || !strings.Contains(err.Error(), `no schema "Resets"`) {
			t.Errorf("%s: got %v, want an error that names the schema", what, err)
		}
	}
	errs := make(chan error)
	for range 4 {
		s := own.Open(t)
		go func() { errs <- s.MigrateUp(t.Context(), false) }()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if err := own.Open(t).UpToDate(t.Context(), false); err != nil {
		t.Error(err)
	}
	if got := db.Text(t, `SELECT string_agg(DISTINCT schemaname, ',') FROM pg_tables WHERE tablename LIKE 'reset\_%'`); got != "Resets" {
		t.Errorf("resetd's tables are in the schema %s", got)
	}
	if got := db.Text(t, `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); got != "1" {
		t.Errorf("the application has %s tables now, want 1", got)
	}
}

func TestMigrateErrorContainsTheMissingGrant(t *testing.T) {
	user := newRole(t)
	db := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	limited := withSearchPath(t, db, "resetd,public", user)
	want := "CREATE SCHEMA resetd AUTHORIZATION " + user.Username() + ";"
	if err := limited.Open(t).MigrateUp(t.Context(), false); err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %s", err, want)
	}
	db.SQL(t, want, `ALTER SCHEMA resetd OWNER TO CURRENT_USER`)
	want = "GRANT USAGE, CREATE ON SCHEMA resetd TO " + user.Username() + ";"
	if err := limited.Open(t).MigrateUp(t.Context(), false); err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got %v, want %s", err, want)
	}
	if got := db.Text(t, `SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'resetd')`); got != "0" {
		t.Errorf("%s tables were created, want none", got)
	}
	db.SQL(t, want)
	must(t, limited.Open(t).MigrateUp(t.Context(), false))
}

// With only resetd's schema in the search_path, qualified names reach the
// application's tables.
func TestQualifiedNamesReachTheApplication(t *testing.T) {
	db := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	tables, err := os.ReadFile(filepath.Join("..", "accounts", "testdata", "django.postgres.sql"))
	must(t, err)
	db.SQL(t, `CREATE SCHEMA app`, `SET search_path = app; `+string(tables), `INSERT INTO app.auth_user VALUES
		(7, '!', NULL, false, 'user', '', '', 'user@example.org', false, true, '2026-01-01')`)
	text, err := accounts.Preset("django")
	must(t, err)
	d, err := accounts.Parse([]byte(strings.ReplaceAll(string(text), "auth_user", "app.auth_user")))
	must(t, err)
	s := withSearchPath(t, db, "Resetd", nil).Open(t, d) // folded, as in SQL
	must(t, s.MigrateUp(t.Context(), false))
	if a, err := s.Account(t.Context(), "7"); err != nil || a.Email != "user@example.org" {
		t.Errorf("got %v %v", a, err)
	}
}

// A table or view with one of our names stops the migration before it begins, so
// it does not stop half way.
func TestMigrateErrorNamesTakenTables(t *testing.T) {
	eachEmpty(t, func(t *testing.T, db testkit.Database) {
		for made, name := range map[string]string{
			`CREATE TABLE password_resets (email varchar(255) NOT NULL, token varchar(255) NOT NULL, created_at timestamp NULL)`: "password_resets", // Laravel 8
			`CREATE VIEW reset_events AS SELECT 1 AS one`: "reset_events",
		} {
			db.SQL(t, made)
			if err := db.Open(t).MigrateUp(t.Context(), false); err == nil || !strings.Contains(err.Error(), "names that resetd needs: "+name) {
				t.Errorf("got %v, want an error that names %s", err, name)
			}
			kind := strings.Fields(made)[1]
			db.SQL(t, `DROP `+kind+` `+name)
		}
		if db.Name == "sqlite" { // where capitals make no difference
			db.SQL(t, `CREATE TABLE Password_Resets (x text)`)
			if err := db.Open(t).MigrateUp(t.Context(), false); err == nil || !strings.Contains(err.Error(), "names that resetd needs: password_resets") {
				t.Errorf("got %v, want an error that names password_resets", err)
			}
		}
	})
}

func TestMigrateRefusesEveryTakenName(t *testing.T) {
	db := testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}
	names := strings.Split(db.Text(t, `SELECT group_concat(name) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '%schema_version'`), ",")
	slices.Sort(names)
	for _, name := range names {
		empty := testkit.Database{Name: "sqlite", URL: "sqlite:" + filepath.Join(t.TempDir(), "app.db")}
		empty.SQL(t, `CREATE TABLE `+name+` (x text)`)
		if err := empty.Open(t).MigrateUp(t.Context(), true); err == nil || !strings.Contains(err.Error(), "names that resetd needs: "+name) {
			t.Errorf("got %v, want an error that names %s", err, name)
		}
	}
}
