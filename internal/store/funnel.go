package store

import (
	"context"
	"database/sql"

	"github.com/jmoiron/sqlx"

	"resetd/internal/reset"
)

// queries runs statements on the pool or in a transaction.
type queries struct {
	db        sqlx.ExtContext
	dialect   *dialect
	directory *directory
}

// get scans one row into dest, or returns reset.ErrNotFound.
func (q queries) get(ctx context.Context, dest any, query string, args ...any) error {
	return translate(sqlx.GetContext(ctx, q.db, dest, query, arguments(args)...))
}

// list scans all rows into dest, a pointer to a slice.
func (q queries) list(ctx context.Context, dest any, query string, args ...any) error {
	return translate(sqlx.SelectContext(ctx, q.db, dest, query, arguments(args)...))
}

// exec returns the number of rows that changed.
func (q queries) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := q.db.ExecContext(ctx, query, arguments(args)...)
	if err != nil {
		return 0, translate(err)
	}
	n, err := result.RowsAffected()
	return n, translate(err)
}

// run is exec for statements whose count says nothing.
func (q queries) run(ctx context.Context, query string, args ...any) error {
	_, err := q.exec(ctx, query, args...)
	return err
}

var _ reset.Tx = queries{}

// InTx implements reset.Store.
func (s *Store) InTx(ctx context.Context, f func(reset.Tx) error) error {
	err := s.inTx(ctx, func(q queries) error { return f(q) })
	if isDeadlock(err) {
		err = s.inTx(ctx, func(q queries) error { return f(q) })
	}
	return err
}

func (s *Store) inTx(ctx context.Context, f func(queries) error) error {
	tx, err := s.pool.BeginTxx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := f(queries{tx, s.dialect, s.directory}); err != nil {
		return err
	}
	return translate(ignoreDone(tx.Commit()))
}

// ignoreDone: a transaction whose context ended was rolled back already.
func ignoreDone(err error) error {
	if err == sql.ErrTxDone { //nolint:errorlint // database/sql returns it bare
		return context.Canceled
	}
	return err
}
