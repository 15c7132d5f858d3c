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

// NewSessions returns as many sessions as can write at the same time.
func (s *Store) NewSessions() []*Session {
	all := make([]*Session, s.Dialect.Writers)
	for i := range all {
		all[i] = &Session{s.pool.NewSession()}
	}
	return all
}

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
