package store

import (
	"context"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Feed is a store whose leases and matches use one connection, which keeps their
// statements prepared. One goroutine at a time may lease and match.
type Feed struct {
	*Store
	session *sqldb.Session
}

var _ reset.Store = Feed{}

// NewFeed connects at the first lease.
func (s *Store) NewFeed() Feed { return Feed{s, s.pool.NewPlanningSession()} }

// Close returns the connection to the pool.
func (f Feed) Close() { f.session.Close() }

// InTx implements reset.Store.
func (f Feed) InTx(ctx context.Context, run func(reset.Tx) error) error {
	return f.session.InTx(ctx, func(db sqldb.DB) error { return run(queries{db, f.In(db)}) })
}

// Lease implements reset.Deliveries.
func (f Feed) Lease(ctx context.Context, which reset.Which, now, until time.Time, n int) (leased []reset.Delivery, err error) {
	err = f.session.InTx(ctx, func(db sqldb.DB) error {
		leased, err = queries{DB: db}.Lease(ctx, which, now, until, n)
		return err
	})
	return leased, err
}

// ResetsByID implements reset.Resets.
func (f Feed) ResetsByID(ctx context.Context, ids []reset.ID) (rows map[reset.ID]reset.Reset, err error) {
	err = f.session.InTx(ctx, func(db sqldb.DB) error {
		rows, err = queries{DB: db}.ResetsByID(ctx, ids)
		return err
	})
	return rows, err
}

// FindEach implements reset.Directory.
func (f Feed) FindEach(ctx context.Context, all []reset.Address) (found [][]reset.Account, err error) {
	err = f.session.Read(func(db sqldb.DB) error {
		found, err = f.In(db).FindEach(ctx, all)
		return err
	})
	return found, err
}
