package store

import (
	"context"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store/directory"
	"resetd/internal/store/search"
	"resetd/internal/store/sqldb"
)

// Store is a database that contains the record and the accounts.
type Store struct {
	queries
	search.History
	pool *sqldb.Pool

	// Waiting is called while another process changes the tables: after about two
	// seconds, and each minute. It may be nil.
	Waiting func()
}

var _ reset.Store = (*Store)(nil)

// queries runs statements on the pool or in a transaction.
type queries struct {
	sqldb.DB
	directory.Accounts
}

var _ reset.Tx = queries{}

// Open opens a database by URL, see sqldb.Open.
func Open(databaseURL string, accounts accounts.Directory) (*Store, error) {
	pool, err := sqldb.Open(databaseURL)
	if err != nil {
		return nil, err
	}
	return &Store{queries{pool.DB, directory.New(pool.DB, accounts)}, search.New(pool.DB), pool, nil}, nil
}

// Close closes the pool.
func (s *Store) Close() error { return s.pool.Close() }

// Pool returns the pool of database connections.
func (s *Store) Pool() *sqldb.Pool { return s.pool }

// InTx implements reset.Store.
func (s *Store) InTx(ctx context.Context, f func(reset.Tx) error) error {
	err := s.inTx(ctx, func(q queries) error { return f(q) })
	if sqldb.IsDeadlock(err) {
		err = s.inTx(ctx, func(q queries) error { return f(q) })
	}
	return err
}

// Drop implements reset.Deliveries. It runs again after a deadlock, because emails
// of the same worker are settled at the same time.
func (s *Store) Drop(ctx context.Context, all []reset.Delivery) error {
	return s.InTx(ctx, func(tx reset.Tx) error { return tx.Drop(ctx, all) })
}

// Renew implements reset.Deliveries, as Drop does.
func (s *Store) Renew(ctx context.Context, held []reset.Delivery, until time.Time) error {
	return s.InTx(ctx, func(tx reset.Tx) error { return tx.Renew(ctx, held, until) })
}

// InBatch implements reset.Store.
func (s *Store) InBatch(ctx context.Context, f func(reset.Tx) error) error {
	return s.pool.InBatch(ctx, func(db sqldb.DB) error { return f(queries{db, s.In(db)}) })
}

func (s *Store) inTx(ctx context.Context, f func(queries) error) error {
	return s.pool.InTx(ctx, func(db sqldb.DB) error { return f(queries{db, s.In(db)}) })
}
