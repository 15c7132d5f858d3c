package sqldb

import (
	"context"
	"errors"
	"time"

	"resetd/internal/reset"
)

// Ping reports whether the database answers. The error is the driver's.
func (p *Pool) Ping(ctx context.Context) error { return p.pool.PingContext(ctx) }

// Writable returns an error unless the database answers and rows can be changed.
func (p *Pool) Writable(ctx context.Context) error {
	var writable int
	err := p.Get(ctx, &writable, p.Dialect.Writable)
	if err == nil && writable == 0 {
		p.reconnect()
		return errReadOnly
	}
	return err
}

// Clock returns the time of the database's server; zero if that is this machine.
func (p *Pool) Clock(ctx context.Context) (time.Time, error) {
	var at Instant
	if p.Dialect.Clock == "" {
		return time.Time{}, nil
	}
	err := p.Get(ctx, &at, p.Dialect.Clock)
	return at.Time, err
}

// reconnectTime is how long no connection is kept after a switch-over. It is longer
// than a request, so those that are in use are closed, too.
const reconnectTime = 20 * time.Second

// reconnect closes all connections, and makes new ones: after a switch-over the old
// ones lead to a node that is read-only now.
func (p *Pool) reconnect() {
	if p.reconnecting.CompareAndSwap(false, true) {
		p.pool.SetMaxIdleConns(0)
		time.AfterFunc(reconnectTime, func() {
			p.pool.SetMaxIdleConns(p.Dialect.conns)
			p.reconnecting.Store(false)
		})
	}
}

// upPoll is how often a server that does not answer is tried again.
const upPoll = time.Second

// WaitUntilUp waits until the server answers. It calls waiting with the driver's
// error before each wait, and returns errors that waiting can't change. SQLite has no
// server.
func (p *Pool) WaitUntilUp(ctx context.Context, waiting func(error)) error {
	for p.Dialect.OwnConns {
		err := p.Ping(ctx)
		if err == nil {
			return nil
		}
		translated := Translate(err)
		if _, no := errors.AsType[refused](translated); no || !errors.Is(translated, reset.ErrUnavailable) {
			return translated
		}
		waiting(err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(upPoll):
		}
	}
	return nil
}
