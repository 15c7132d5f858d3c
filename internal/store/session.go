package store

import (
	"context"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Session writes requests on a connection of its own. One goroutine at a time may
// use it.
type Session struct{ session *sqldb.Session }

// NewSession connects at the first statement.
func (s *Store) NewSession() *Session { return &Session{s.pool.NewSession()} }

// Charge runs f in a transaction that charges limits.
func (s *Session) Charge(ctx context.Context, f func(limit.Counters) error) error {
	return s.session.InTx(ctx, func(db sqldb.DB) error { return f(counters{db}) })
}

// Receive inserts requests with their deliveries, all or none.
func (s *Session) Receive(ctx context.Context, all []reset.Matched) error {
	write := s.session.InTx
	if len(all) == 1 {
		write = s.session.One
	}
	return write(ctx, func(db sqldb.DB) error { return queries{DB: db}.receive(ctx, all) })
}

// Close returns the connection to the pool.
func (s *Session) Close() { s.session.Close() }
