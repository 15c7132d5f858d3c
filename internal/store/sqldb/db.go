package sqldb

import (
	"context"
	"errors"
	"regexp"

	"github.com/jmoiron/sqlx"

	"resetd/internal/reset"
)

// DB runs statements on a pool or in a transaction.
type DB struct {
	conn    conn
	Dialect *Dialect
	pool    *Pool
}

// InTransaction reports whether the statements run in a transaction.
func (db DB) InTransaction() bool {
	_, is := db.conn.(*sqlx.Tx)
	return is
}

// translate is Translate. After an error that tells that the server became a standby,
// the pool makes new connections.
func (db DB) translate(err error) error {
	if err = Translate(err); errors.Is(err, errReadOnly) {
		db.pool.reconnect()
	}
	return err
}

// observe begins to observe an operation. The function that it returns ends the
// observation.
func (db DB) observe(ctx context.Context, operation string, err *error) func() {
	if db.pool.Observe == nil {
		return func() {}
	}
	finished := db.pool.Observe(ctx, operation)
	return func() { finished(*err) }
}

// conn is a pool, a session or a transaction.
type conn interface {
	sqlx.QueryerContext
	sqlx.ExecerContext
}

// Get scans one row into dest, or returns reset.ErrNotFound.
func (db DB) Get(ctx context.Context, dest any, query string, args ...any) (err error) {
	defer db.observe(ctx, "get", &err)()
	return db.translate(sqlx.GetContext(ctx, db.conn, dest, query, db.Dialect.arguments(args)...))
}

// First is Get for a query that may return no row. dest stays as it is then.
func (db DB) First(ctx context.Context, dest any, query string, args ...any) error {
	err := db.Get(ctx, dest, query, args...)
	if errors.Is(err, reset.ErrNotFound) {
		return nil
	}
	return err
}

// List scans all rows into dest, a pointer to a slice.
func (db DB) List(ctx context.Context, dest any, query string, args ...any) (err error) {
	defer db.observe(ctx, "list", &err)()
	return db.translate(sqlx.SelectContext(ctx, db.conn, dest, query, db.Dialect.arguments(args)...))
}

// Exec runs a statement and returns the number of changed rows.
func (db DB) Exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	defer db.observe(ctx, "exec", &err)()
	n, err = db.Change(ctx, query, args...)
	return n, db.translate(err)
}

// Run is Exec for statements whose number of rows does not matter.
func (db DB) Run(ctx context.Context, query string, args ...any) error {
	_, err := db.Exec(ctx, query, args...)
	return err
}

// ExecOne is Exec for a statement that changes one row. It returns reset.ErrNotFound if
// it changed none.
func (db DB) ExecOne(ctx context.Context, query string, args ...any) error {
	n, err := db.Exec(ctx, query, args...)
	if err == nil && n == 0 {
		return reset.ErrNotFound
	}
	return err
}

// Query returns rows to be scanned one by one. The caller must close them. The
// error is the driver's and must go through Translate.
func (db DB) Query(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	return db.conn.QueryxContext(ctx, query, db.Dialect.arguments(args)...)
}

// Change is Exec with the driver's own error. Of a SELECT, which may call a function, it
// counts the returned rows: only PostgreSQL does this itself, and MySQL's driver waits
// for ever if there are none.
func (db DB) Change(ctx context.Context, query string, args ...any) (int64, error) {
	if isSelect(query) {
		return db.count(ctx, query, args...)
	}
	result, err := db.conn.ExecContext(ctx, query, db.Dialect.arguments(args)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

var (
	// selects matches a SELECT, which comments and a WITH may precede.
	selects = regexp.MustCompile(`(?is)^(?:\s|--[^\n]*\n|#[^\n]*\n|/\*.*?\*/)*(?:SELECT|(WITH))\b`)
	// updates matches a WITH that changes rows, if FOR UPDATE is taken out.
	updates, locks = regexp.MustCompile(`(?i)\b(?:UPDATE|DELETE|INSERT)\b`), regexp.MustCompile(`(?i)\bFOR\s+(?:NO\s+KEY\s+)?UPDATE\b`)
)

func isSelect(query string) bool {
	found := selects.FindStringSubmatch(query)
	return found != nil && (found[1] == "" || !updates.MatchString(locks.ReplaceAllString(query, "")))
}

func (db DB) count(ctx context.Context, query string, args ...any) (n int64, err error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}
