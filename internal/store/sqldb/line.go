package sqldb

import (
	"context"
	"net"
	"sync/atomic"
	"time"
)

// cancelTime is how long a statement may take to end after its context has ended.
// The driver asks the server to cancel it. If the server is silent, for example
// behind a frozen proxy, the connection is given up.
const cancelTime = 500 * time.Millisecond

// line dials for one connection. The driver dials again to cancel a statement.
type line struct {
	dialer    net.Dialer
	connected atomic.Bool
	givenUp   atomic.Bool
	conn      atomic.Pointer[net.Conn]
}

// giveUp lets the server answer for a moment. Then the connection fails. It is not
// used again.
func (l *line) giveUp() {
	l.givenUp.Store(true)
	if conn := l.conn.Load(); conn != nil {
		_ = (*conn).SetDeadline(time.Now().Add(cancelTime)) //nolint:forbidigo // a timeout of the network, not stored
	}
}

// DialContext implements pq.DialerContext.
func (l *line) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if l.connected.Load() {
		return l.dialCancel(ctx, network, address)
	}
	conn, err := l.dialer.DialContext(ctx, network, address)
	if err == nil {
		l.conn.Store(&conn)
	}
	return conn, err
}

func (l *line) dialCancel(ctx context.Context, network, address string) (net.Conn, error) {
	l.giveUp()
	ctx, cancel := context.WithTimeout(ctx, cancelTime)
	defer cancel()
	conn, err := l.dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return brief{conn}, conn.SetDeadline(time.Now().Add(cancelTime)) //nolint:forbidigo // a timeout of the network, not stored
}

// brief is a connection whose deadline does not change.
type brief struct{ net.Conn }

// SetDeadline implements net.Conn.
func (brief) SetDeadline(time.Time) error { return nil }

// Dial implements pq.Dialer.
func (l *line) Dial(network, address string) (net.Conn, error) {
	return l.DialContext(context.Background(), network, address)
}

// DialTimeout implements pq.Dialer.
func (l *line) DialTimeout(network, address string, limit time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return l.DialContext(ctx, network, address)
}
