package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/reset"
)

// Pool is the connections to one database.
type Pool struct {
	DB
	pool    *sqlx.DB
	File    string // path of an SQLite database; empty for PostgreSQL
	commits *GroupCommit[*transaction]

	// Observe is called before each statement and commit with its name. The function that
	// it returns is called with the error. Set it before the first statement; nil: not called.
	Observe func(ctx context.Context, operation string) func(error)

	reconnecting atomic.Bool
}

func init() {
	sqlx.BindDriver("sqlite", sqlx.DOLLAR)
}

// Open opens a database by URL: sqlite:PATH, postgres://... or PostgreSQL's keyword
// form. It connects at the first query, which fails if the server is down.
func Open(databaseURL string) (*Pool, error) {
	s, err := parseSource(databaseURL, OfRecord)
	if err == nil && s.file != "" {
		err = makeFile(s.file)
	}
	if err != nil {
		return nil, err
	}
	return open(s)
}

func open(s source) (*Pool, error) {
	pool, err := s.open()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	d := s.dialect
	pool.SetMaxOpenConns(d.conns)
	pool.SetMaxIdleConns(d.conns) // with fewer, most queries would need a new connection
	pool.SetConnMaxLifetime(d.connLifetime)
	p := &Pool{pool: pool, File: s.file}
	p.DB = DB{pool, d, p}
	p.commits = newCommits(p)
	p.conn = writer{pool, p}
	return p, nil
}

// Close closes the pool.
func (p *Pool) Close() error {
	p.commits.Close()
	return p.pool.Close()
}

// SQL returns the pool, for libraries that run their own statements.
func (p *Pool) SQL() *sql.DB { return p.pool.DB }

// InTx runs f in a transaction, which is rolled back if f returns an error. SQLite
// has one writer at a time, so there InTx is InBatch.
func (p *Pool) InTx(ctx context.Context, f func(DB) error) error {
	if !p.Dialect.OwnConns {
		return p.InBatch(ctx, f)
	}
	return p.transact(ctx, f)
}

func (p *Pool) transact(ctx context.Context, f func(DB) error) error {
	tx, err := p.pool.BeginTxx(ctx, nil)
	if err != nil {
		return Translate(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := f(DB{tx, p.Dialect, p}); err != nil {
		return err
	}
	defer p.observe(ctx, "commit", &err)()
	err = Translate(ignoreDone(tx.Commit()))
	return uncertain(err)
}

// uncertain marks the error of a commit that may have succeeded: the answer is missing.
func uncertain(err error) error {
	if errors.Is(err, reset.ErrUnavailable) || errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: %w", reset.ErrUncertain, err)
	}
	return err
}

// RolledBack runs f in a transaction and rolls it back. The transaction takes at
// most limit. Errors are the driver's.
func (p *Pool) RolledBack(ctx context.Context, limit time.Duration, f func(DB) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tx, err := p.pool.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return f(DB{tx, p.Dialect, p})
}

// ignoreDone replaces sql.ErrTxDone: the context ended, so the transaction was
// rolled back already.
func ignoreDone(err error) error {
	if err == sql.ErrTxDone { //nolint:errorlint // database/sql returns it unwrapped
		return context.Canceled
	}
	return err
}
