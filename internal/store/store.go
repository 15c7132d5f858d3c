package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/accounts"
	"resetd/internal/reset"
)

// Store is a database with the record and the accounts in it.
type Store struct {
	queries
	pool *sqlx.DB
	file string // of SQLite
}

var _ reset.Store = (*Store)(nil)

func init() {
	sqlx.BindDriver("sqlite", sqlx.DOLLAR)
}

// Open takes a database by URL: sqlite:PATH or postgres://... It connects
// lazily: a server that is down is met at the first query.
func Open(databaseURL string, accounts accounts.Directory) (*Store, error) {
	d, dsn, file, err := source(databaseURL)
	if err != nil {
		return nil, err
	}
	pool, err := sqlx.Open(d.driver, dsn)
	if err != nil {
		return nil, errors.New("store: the database's URL can't be read") // the driver's words may hold its password
	}
	pool.SetMaxOpenConns(d.conns)
	pool.SetMaxIdleConns(d.conns) // fewer costs a new connection for most queries
	if d == &onPostgres {
		pool.SetConnMaxLifetime(30 * time.Minute)
	}
	return &Store{queries{pool, d, &directory{Directory: accounts}}, pool, file}, nil
}

// Close closes the pool.
func (s *Store) Close() error { return s.pool.Close() }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return s.get(ctx, &one, `SELECT 1`)
}

func source(databaseURL string) (d *dialect, dsn, file string, err error) {
	scheme, rest, _ := strings.Cut(databaseURL, ":")
	switch scheme {
	case "sqlite":
		dsn, err = sqliteDSN(rest)
		return &onSQLite, dsn, rest, err
	case "postgres", "postgresql":
		dsn, err = postgresDSN(databaseURL)
		return &onPostgres, dsn, "", err
	default:
		return nil, "", "", errors.New("store: a database's URL begins with sqlite: or postgres://")
	}
}

func sqliteDSN(path string) (string, error) {
	if path == "" {
		return "", errors.New("store: sqlite: needs a path")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	// Made before SQLite does, which would let everybody read it.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	_ = f.Close()
	options := url.Values{
		"_txlock":      {"immediate"}, // a transaction that turns into a writer later fails at once when it is not alone
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)",
			"synchronous(FULL)", // what was answered is on disk
		},
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode(), nil
}

// postgresDSN adds what is not to be left to chance.
func postgresDSN(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("store: the database's URL can't be read")
	}
	q := u.Query()
	for name, value := range map[string]string{
		"binary_parameters": "yes", // one round trip a query, and safe behind a pooler
		"connect_timeout":   "5",
		"sslmode":           sslMode(u.Hostname(), q.Get("host")),
		"application_name":  "resetd",
	} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// sslMode: on this machine there is no wire to listen on; elsewhere the server
// has to prove its name.
func sslMode(host, socket string) string {
	switch {
	case strings.HasPrefix(socket, "/"), host == "localhost", host == "127.0.0.1", host == "::1":
		return "disable"
	default:
		return "verify-full"
	}
}
