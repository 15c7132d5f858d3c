package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"
	"time"

	// The drivers register themselves.
	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"resetd/internal/store/sqldb"
)

// record is the content of the database, read without the program.
type record struct {
	resets     []row
	deliveries []delivery
}

// row is a row of password_resets.
type row struct {
	id, askAgent, useAgent          string
	withheld, used, revoked, closed bool // closed: it has expired
}

// delivery is a row of reset_deliveries.
type delivery struct {
	id, reset, kind       string
	recipient             bool
	sent, failed, waiting bool
}

func (t *trial) sqlite() bool { return strings.HasPrefix(t.database, "sqlite:") }

func (t *trial) openDatabase() (*sql.DB, error) {
	if file, ok := strings.CutPrefix(t.database, "sqlite:"); ok {
		return sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?_pragma=busy_timeout(5000)")
	}
	return sql.Open("postgres", t.database)
}

// due returns how many unsettled emails are due at a time or later.
func (t *trial) due(ctx context.Context, from time.Time) (n int, err error) {
	db, err := t.openDatabase()
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	err = db.QueryRowContext(ctx, `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at >= $1`, sqldb.Format(from)).Scan(&n)
	return n, err
}

func (t *trial) read(ctx context.Context) (r record, err error) {
	db, err := t.openDatabase()
	if err != nil {
		return r, err
	}
	defer func() { _ = db.Close() }()
	err = each(ctx, db, func(scan func(...any) error) error {
		var x row
		err := scan(&x.id, &x.askAgent, &x.useAgent, &x.withheld, &x.used, &x.revoked, &x.closed)
		r.resets = append(r.resets, x)
		return err
	}, `SELECT CAST(id AS text), created_by_agent, coalesce(used_by_agent, ''), withheld IS NOT NULL, used_at IS NOT NULL,
			revoked_at IS NOT NULL, expires_at <= $1 FROM password_resets`, sqldb.Format(t.clock.now()))
	if err != nil {
		return r, err
	}
	err = each(ctx, db, func(scan func(...any) error) error {
		var d delivery
		err := scan(&d.id, &d.reset, &d.kind, &d.recipient, &d.sent, &d.failed, &d.waiting)
		r.deliveries = append(r.deliveries, d)
		return err
	}, `SELECT CAST(id AS text), coalesce(CAST(reset_id AS text), ''), kind, recipient IS NOT NULL, sent_at IS NOT NULL,
			failed_at IS NOT NULL, next_attempt_at IS NOT NULL FROM reset_deliveries`)
	return r, err
}

func each(ctx context.Context, db *sql.DB, f func(scan func(...any) error) error, query string, args ...any) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// checkFile runs SQLite's integrity check. PostgreSQL has no such check; damage would
// show in the rows.
func (t *trial) checkFile(ctx context.Context) error {
	if !t.sqlite() {
		return nil
	}
	db, err := t.openDatabase()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var answer string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&answer); err != nil {
		return err
	}
	if answer != "ok" {
		return fmt.Errorf("integrity_check: %s", answer)
	}
	return nil
}
