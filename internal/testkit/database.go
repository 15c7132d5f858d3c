// Package testkit is what tests are made of: both databases, a clock that the
// test moves, accounts and resets with defaults.
package testkit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"resetd/internal/accounts"
	"resetd/internal/store"
	"resetd/internal/testkit/postgres"
	"resetd/migrations"
)

// Database is an empty, migrated database of a test's own.
type Database struct {
	Name string // "sqlite" or "postgres"
	URL  string
}

// EachDatabase runs a test on both databases. Without a PostgreSQL server the
// test fails: a skipped database is a behaviour that nobody looked at.
func EachDatabase(t *testing.T, test func(t *testing.T, db Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Database{"sqlite", SQLite(t)}) })
	t.Run("postgres", func(t *testing.T) { test(t, Database{"postgres", Postgres(t)}) })
}

// Open opens a database with a directory, by default that of builtin accounts.
func (db Database) Open(t *testing.T, directory ...accounts.Directory) *store.Store {
	t.Helper()
	d := Builtin(t)
	if len(directory) > 0 {
		d = directory[0]
	}
	s, err := store.Open(db.URL, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// SQL runs statements that no part of the product has.
func (db Database) SQL(t *testing.T, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := db.TrySQL(t, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TrySQL runs a statement that may fail.
func (db Database) TrySQL(t *testing.T, statement string) error {
	t.Helper()
	conn := db.connect(t)
	defer func() { _ = conn.Close() }()
	_, err := conn.ExecContext(t.Context(), statement)
	return err
}

// Text returns the one value that a query has, as text.
func (db Database) Text(t *testing.T, query string) string {
	t.Helper()
	conn := db.connect(t)
	defer func() { _ = conn.Close() }()
	var value sql.NullString
	if err := conn.QueryRowContext(t.Context(), query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value.String
}

func (db Database) connect(t *testing.T) *sql.DB {
	t.Helper()
	driver, dsn := db.Name, db.URL
	if db.Name == "sqlite" {
		dsn = "file:" + (&url.URL{Path: db.URL[len("sqlite:"):]}).EscapedPath() + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"
	}
	conn, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// Builtin is the directory of builtin accounts.
func Builtin(t *testing.T) accounts.Directory {
	t.Helper()
	d, err := accounts.Load(accounts.Builtin)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// SQLite returns the URL of a migrated SQLite database: a copy of one that is
// migrated once.
func SQLite(t *testing.T) string {
	t.Helper()
	text, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "resetd.db")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

var sqliteTemplate = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "resetd-template-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "template.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Postgres returns the URL of a migrated PostgreSQL database, dropped after the
// test.
func Postgres(t *testing.T) string {
	t.Helper()
	template, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return create(t, " TEMPLATE "+template)
}

// EmptyPostgres returns the URL of a PostgreSQL database without tables.
func EmptyPostgres(t *testing.T) string {
	t.Helper()
	return create(t, "")
}

func create(t *testing.T, template string) string {
	t.Helper()
	at, drop, err := NewPostgres(t.Context(), template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return at
}

// NewPostgres makes a database, with options of CREATE DATABASE, and returns its
// URL and how to drop it.
func NewPostgres(ctx context.Context, options string) (at string, drop func(), err error) {
	name := "resetd_test_" + hex.EncodeToString(newBytes())
	server, err := openServer()
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = server.Close() }()
	_, err = server.ExecContext(ctx, "CREATE DATABASE "+name+options)
	return databaseURL(name), func() { dropDatabase(name) }, err
}

func dropDatabase(name string) {
	if server, err := openServer(); err == nil {
		_, _ = server.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
		_ = server.Close()
	}
}

// postgresTemplate makes, once for each state of the migrations, a database to
// copy; a copy takes a seventh of the time of migrating. It stays on the server
// for the next run.
var postgresTemplate = sync.OnceValues(func() (string, error) {
	name := "resetd_template_" + fingerprint()
	server, err := openServer()
	if err != nil {
		return "", err
	}
	defer func() { _ = server.Close() }()
	ctx := context.Background()
	conn, err := server.Conn(ctx)
	if err != nil {
		return "", fmt.Errorf("testkit: %s: %w", postgres.URLVariable, err)
	}
	defer func() { _ = conn.Close() }() // which frees the lock
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(727365746)`); err != nil {
		return "", err
	}
	var there bool
	err = conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there)
	if err != nil || there {
		return name, err
	}
	making := name + "_making"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + making + " WITH (FORCE)", "CREATE DATABASE " + making} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := migrate(databaseURL(making)); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+making+" RENAME TO "+name)
	return name, err
})

func migrate(databaseURL string) error {
	s, err := store.Open(databaseURL, accounts.Directory{})
	if err != nil {
		return err
	}
	if err := s.MigrateUp(context.Background(), true); err != nil {
		return err
	}
	return s.Close()
}

func openServer() (*sql.DB, error) {
	if os.Getenv(postgres.URLVariable) == "" {
		return nil, fmt.Errorf("testkit: %s is not set: run the tests by `make test`", postgres.URLVariable)
	}
	return sql.Open("postgres", os.Getenv(postgres.URLVariable))
}

// databaseURL is the server's URL with another database's name.
func databaseURL(name string) string {
	u, err := url.Parse(os.Getenv(postgres.URLVariable))
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

func fingerprint() string {
	h := sha256.New()
	_ = fs.WalkDir(migrations.FS, "postgres", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, _ := migrations.FS.ReadFile(path)
			h.Write(text)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8])
}

func newBytes() []byte {
	id := uuid.New()
	return id[:8]
}
