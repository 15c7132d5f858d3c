package sqldb

import (
	"context"
	"database/sql"

	"github.com/jmoiron/sqlx"
)

// avoidNames stops preparing behind a pooler. Several clients share a connection to
// the server there, and the driver gives their statements the same names: one could
// run another one's statement.
func (s *Session) avoidNames(conn any) error {
	if c, ok := conn.(guarded); ok && c.pooled {
		s.unnamed = true
	}
	return nil
}

// statement returns the prepared statement; nil if the text is to be sent as it is.
func (s *Session) statement(ctx context.Context, query string) (*sqlx.Stmt, error) {
	if err := s.connect(ctx); err != nil || s.unnamed {
		return nil, err
	}
	if known := s.prepared[query]; known != nil {
		return known, nil
	}
	made, err := s.conn.PreparexContext(ctx, query)
	if err == nil {
		s.prepared[query] = made
	}
	return made, err
}

// ExecContext implements sqlx.ExecerContext.
func (s *Session) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	statement, err := s.statement(ctx, query) //nolint:sqlclosecheck // Close closes it
	if err != nil {
		return nil, err
	}
	if statement == nil {
		return s.conn.ExecContext(ctx, query, args...)
	}
	return statement.ExecContext(ctx, args...)
}

// QueryContext implements sqlx.QueryerContext.
func (s *Session) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := s.QueryxContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return rows.Rows, nil
}

// QueryxContext implements sqlx.QueryerContext.
func (s *Session) QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error) {
	statement, err := s.statement(ctx, query) //nolint:sqlclosecheck // Close closes it
	if err != nil {
		return nil, err
	}
	if statement == nil {
		return s.conn.QueryxContext(ctx, query, args...)
	}
	return statement.QueryxContext(ctx, args...)
}

// QueryRowxContext implements sqlx.QueryerContext.
func (s *Session) QueryRowxContext(ctx context.Context, query string, args ...any) *sqlx.Row {
	statement, err := s.statement(ctx, query) //nolint:sqlclosecheck // Close closes it
	if err != nil {                           // the pool returns it in the row
		return s.pool.pool.QueryRowxContext(ctx, query, args...)
	}
	if statement == nil {
		return s.conn.QueryRowxContext(ctx, query, args...)
	}
	return statement.QueryRowxContext(ctx, args...)
}
