package store

import (
	"context"
	"errors"
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
	pool     *sqldb.Pool
	accounts *sqldb.Pool // nil: in the record's database
	outcomes *sqldb.GroupCommit[[]reset.Attempt]

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
	return &Store{
		queries: queries{pool.DB, directory.New(pool.DB, accounts)}, History: search.New(pool.DB), pool: pool,
		outcomes: sqldb.NewGroupCommit(pool.NewPlanningSession(), settle),
	}, nil
}

// OpenWithAccounts is Open with the accounts in another database, which belongs to an
// application. It makes no table there. Without accountsURL it is Open.
func OpenWithAccounts(databaseURL, accountsURL string, accounts accounts.Directory) (*Store, error) {
	s, err := Open(databaseURL, accounts)
	if err != nil || accountsURL == "" {
		return s, err
	}
	if s.accounts, err = sqldb.OpenUnchanged(accountsURL, sqldb.OfAccounts); err != nil {
		return nil, errors.Join(err, s.pool.Close())
	}
	s.Accounts = directory.NewSeparate(s.accounts.DB, accounts)
	return s, nil
}

// Close closes the pools.
func (s *Store) Close() error {
	s.outcomes.Close()
	if s.accounts != nil {
		_ = s.accounts.Close()
	}
	return s.pool.Close()
}

// Pool returns the pool of database connections.
func (s *Store) Pool() *sqldb.Pool { return s.pool }

// AccountsPool returns the pool of connections to the accounts' own database; nil if
// there is none.
func (s *Store) AccountsPool() *sqldb.Pool { return s.accounts }

// TwoDatabases implements reset.Store.
func (s *Store) TwoDatabases() bool { return s.accounts != nil }

// InAccounts implements reset.Store.
func (s *Store) InAccounts(ctx context.Context, f func(reset.Directory) error) error {
	return again(func() error {
		return s.accounts.InTx(ctx, func(db sqldb.DB) error { return f(s.On(db)) })
	})
}

// again runs f a second time if the database ended it because of a deadlock.
func again(f func() error) error {
	err := f()
	if sqldb.IsDeadlock(err) {
		err = f()
	}
	return err
}

// InTx implements reset.Store.
func (s *Store) InTx(ctx context.Context, f func(reset.Tx) error) error {
	return again(func() error { return s.inTx(ctx, func(q queries) error { return f(q) }) })
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

// Settle implements reset.Deliveries. Outcomes that arrive together are written together.
func (s *Store) Settle(ctx context.Context, all ...reset.Attempt) error {
	return again(func() error { return s.outcomes.Do(ctx, all) })
}

// InBatch implements reset.Store.
func (s *Store) InBatch(ctx context.Context, f func(reset.Tx) error) error {
	return again(func() error {
		return s.pool.InBatch(ctx, func(db sqldb.DB) error { return f(queries{db, s.In(db)}) })
	})
}

func (s *Store) inTx(ctx context.Context, f func(queries) error) error {
	return s.pool.InTx(ctx, func(db sqldb.DB) error { return f(queries{db, s.In(db)}) })
}
