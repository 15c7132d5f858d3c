package sqldb

import (
	"context"
	"errors"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/reset"
)

// Session runs statements on one connection of its own, which keeps each statement
// prepared: otherwise PostgreSQL parses and plans every statement again. On SQLite,
// which has one connection, it uses the pool. One goroutine at a time may use it.
type Session struct {
	pool      *Pool
	conn      *sqlx.Conn            // nil: not connected
	prepared  map[string]*sqlx.Stmt // by their text
	beginning string                // statement that begins a transaction
	unnamed   bool                  // a pooler shares the connection: prepared statements get lost
	unsynced  bool                  // its commits need not be on disk at once
}

// NewSession connects when the first statement runs.
func (p *Pool) NewSession() *Session { return &Session{pool: p, beginning: `BEGIN`} }

// NewUnsyncedSession returns a session whose commits do not wait for the disk on
// PostgreSQL. They are on disk at the latest with the next commit of another session,
// because all share one log. Behind a pooler, which shares the connection with others, it
// is like any other session.
func (p *Pool) NewUnsyncedSession() *Session {
	return &Session{pool: p, beginning: `BEGIN`, unsynced: true}
}

// NewPlanningSession returns a session for transactions with joins. PostgreSQL plans
// each of their statements for the size that the tables have at that moment. A plan
// for an empty table reads all of it, and would stay in use while the table grows.
func (p *Pool) NewPlanningSession() *Session {
	return &Session{pool: p, beginning: `BEGIN; SET LOCAL plan_cache_mode = force_custom_plan`}
}

// Each runs f without a transaction, so each of its statements is one. On SQLite,
// where a commit costs more than a statement, they are one transaction. f runs a
// second time if the connection is closed: usually the server closed it while it was
// idle, but the last statement may have been executed.
func (s *Session) Each(ctx context.Context, f func(DB) error) error {
	if !s.pool.Dialect.OwnConns {
		return s.pool.InTx(ctx, f)
	}
	return s.again(func() error {
		err := f(DB{s, s.pool.Dialect, s.pool})
		if errors.Is(err, errDisconnected) {
			s.Close()
			err = f(DB{s, s.pool.Dialect, s.pool})
		}
		return err
	})
}

// Read runs f, which only reads, without a transaction.
func (s *Session) Read(f func(DB) error) error {
	if !s.pool.Dialect.OwnConns {
		return f(s.pool.DB)
	}
	return s.again(func() error { return f(DB{s, s.pool.Dialect, s.pool}) })
}

// InTx runs f in a transaction, which is rolled back if f returns an error. It runs
// f again if a pooler lost a prepared statement.
func (s *Session) InTx(ctx context.Context, f func(DB) error) error {
	if !s.pool.Dialect.OwnConns {
		return s.pool.InTx(ctx, f)
	}
	return s.again(func() error { return s.transact(ctx, f) })
}

func (s *Session) transact(ctx context.Context, f func(DB) error) error {
	err := s.begin(ctx)
	if err == nil {
		err = f(DB{s, s.pool.Dialect, s.pool})
	}
	if err == nil {
		err = s.commit(ctx)
	}
	if err != nil && s.conn != nil {
		s.rollBack(ctx)
	}
	return err
}

func (s *Session) commit(ctx context.Context) (err error) {
	defer s.pool.observe(ctx, "commit", &err)()
	_, err = s.conn.ExecContext(ctx, `COMMIT`)
	return Translate(err)
}

const rollbackTimeout = 2 * time.Second

func (s *Session) rollBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := s.conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		s.Close()
	}
}

// again closes the connection after an error that a new one may not have. After a
// lost statement it stops preparing and runs f again.
func (s *Session) again(f func() error) error {
	err := f()
	if errors.Is(err, errLostStatement) && !s.unnamed {
		s.Close()
		s.unnamed = true
		err = f()
	}
	if errors.Is(err, reset.ErrUnavailable) || errors.Is(err, context.Canceled) {
		s.Close()
	}
	return err
}

// begin repeats the start of the transaction on a new connection, because the
// server may have closed the old one while it was idle.
func (s *Session) begin(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		err := s.connect(ctx)
		if err == nil {
			if _, err = s.conn.ExecContext(ctx, s.beginning); err == nil {
				return nil
			}
			s.Close()
		}
		if attempt > 0 || ctx.Err() != nil {
			return Translate(err)
		}
	}
}

// Close closes the connection. It does not wait for a silent server.
func (s *Session) Close() {
	if s.conn != nil {
		_ = s.conn.Raw(giveUp)
		for _, statement := range s.prepared {
			_ = statement.Close()
		}
		_ = s.conn.Close()
	}
	s.conn, s.prepared = nil, nil
}

func (s *Session) connect(ctx context.Context) (err error) {
	if s.conn == nil {
		s.prepared = map[string]*sqlx.Stmt{}
		if s.conn, err = s.pool.pool.Connx(ctx); err == nil {
			err = s.conn.Raw(s.avoidNames)
		}
		if err == nil && s.unsynced && !s.unnamed {
			_, err = s.conn.ExecContext(ctx, `SET synchronous_commit = off`)
		}
	}
	return err
}
