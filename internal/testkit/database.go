// Package testkit has the parts that most tests need: both databases, a clock that the
// test moves, and builders of accounts and resets with default values.
package testkit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"resetd/internal/accounts"
	"resetd/internal/store"
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

func migrate(databaseURL string) error {
	s, err := Migrated(context.Background(), databaseURL)
	if err != nil {
		return err
	}
	return s.Close()
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
