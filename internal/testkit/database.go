// Package testkit has the parts that most tests need: both databases, a clock that the
// test moves, and builders of accounts and resets with default values.
package testkit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
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

// Database is a migrated database for one test.
type Database struct {
	Name string // "sqlite" or "postgres"
	URL  string
}

// EachDatabase runs a test on both databases. The test fails without a PostgreSQL
// server. If it were skipped, nobody would notice an error on PostgreSQL.
func EachDatabase(t *testing.T, test func(t *testing.T, db Database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, Database{"sqlite", SQLite(t)}) })
	t.Run("postgres", func(t *testing.T) { test(t, Database{"postgres", Postgres(t)}) })
}

// Open opens the store with a directory of accounts, by default the built-in accounts.
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

// SQL runs the test's own statements. The test fails if one fails.
func (db Database) SQL(t *testing.T, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := db.TrySQL(t, s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TrySQL runs a statement and returns its error.
func (db Database) TrySQL(t *testing.T, statement string) error {
	t.Helper()
	conn := db.connect(t)
	defer func() { _ = conn.Close() }()
	_, err := conn.ExecContext(t.Context(), statement)
	return err
}

// Text returns the single value of a query as text. NULL is empty.
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
	conn, err := Connect(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	return conn.DB
}

// Builtin returns the directory of built-in accounts.
func Builtin(t *testing.T) accounts.Directory {
	t.Helper()
	d, err := accounts.Load(accounts.Builtin)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// SQLite returns the URL of a migrated SQLite database. It copies a template, which is
// migrated once per process.
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

// Postgres returns the URL of a migrated PostgreSQL database. The test drops it at the
// end.
func Postgres(t *testing.T) string {
	t.Helper()
	template, err := postgresTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return createPostgres(t, " TEMPLATE "+template)
}

// EmptyPostgres returns the URL of a PostgreSQL database without tables.
func EmptyPostgres(t *testing.T) string {
	t.Helper()
	return createPostgres(t, "")
}

func createPostgres(t *testing.T, options string) string {
	t.Helper()
	at, drop, err := NewPostgres(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(drop)
	return at
}

// NewPostgres creates a database, with options of CREATE DATABASE. It returns the URL
// and a function that drops the database.
func NewPostgres(ctx context.Context, options string) (at string, drop func(), err error) {
	name := "resetd_test_" + hex.EncodeToString(randomBytes())
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

// postgresTemplate returns the name of a migrated database to copy, because a copy takes
// a seventh of the time of the migrations. It creates the database if no earlier run
// with the same migrations has done so.
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
	defer func() { _ = conn.Close() }() // this releases the lock
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(727365746)`); err != nil {
		return "", err
	}
	var exists bool
	err = conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&exists)
	if err != nil || exists {
		return name, err
	}
	unfinished := name + "_making"
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + unfinished + " WITH (FORCE)", "CREATE DATABASE " + unfinished} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return "", err
		}
	}
	if err := migrate(databaseURL(unfinished)); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+unfinished+" RENAME TO "+name)
	return name, err
})

func migrate(databaseURL string) error {
	s, err := Migrated(context.Background(), databaseURL)
	if err != nil {
		return err
	}
	return s.Close()
}

func openServer() (*sql.DB, error) {
	if os.Getenv(postgres.URLVariable) == "" {
		return nil, fmt.Errorf("testkit: %s is not set; run the tests with `make test`", postgres.URLVariable)
	}
	return sql.Open("postgres", os.Getenv(postgres.URLVariable))
}

// databaseURL returns the URL of a database on the server.
func databaseURL(name string) string {
	u, err := url.Parse(os.Getenv(postgres.URLVariable))
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

// fingerprint returns a hash of the migrations for PostgreSQL.
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

func randomBytes() []byte {
	id := uuid.New()
	return id[:8]
}

// DropRole drops a role after its database.
func DropRole(quoted string) error {
	server, err := openServer()
	if err != nil {
		return err
	}
	_, err = server.ExecContext(context.Background(), "DROP ROLE IF EXISTS "+quoted)
	return errors.Join(err, server.Close())
}
