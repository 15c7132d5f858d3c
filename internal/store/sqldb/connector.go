package sqldb

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// cancelTime is how long a statement may take to end after its context has ended.
// The driver asks the server to cancel it. If the server is silent, for example
// behind a frozen proxy, the connection is given up.
const cancelTime = 500 * time.Millisecond

// connector makes connections that end with the contexts of their statements. The
// driver alone would wait for a silent server without limit.
type connector struct{ cfg pq.Config }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	l := &line{}
	made, err := pq.NewConnectorConfig(c.cfg)
	if err != nil {
		return nil, err
	}
	made.Dialer(l)
	stop := context.AfterFunc(ctx, l.giveUp)
	defer stop()
	opened, err := made.Connect(ctx)
	if err != nil {
		return nil, explainRefusal(err, c.cfg)
	}
	l.connected.Store(true)
	conn, ok := opened.(driverConn)
	if !ok {
		return nil, errors.Join(errors.New("store: unknown driver"), opened.Close())
	}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.cfg.ConnectTimeout, connectTimeout))
	defer cancel()
	s, err := ask(ctx, conn)
	if err == nil {
		err = requirePath(s, namedPath(c.cfg))
	}
	if err != nil {
		_ = opened.Close()
		return nil, err
	}
	return guarded{conn, l, s.process != process(opened)}, nil
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return pq.Driver{} }

// driverConn is what the driver's connections implement.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// guarded is a connection of the driver.
type guarded struct {
	driverConn
	line   *line
	pooled bool // a pooler shares the server's connections
}

// server is what the server at the end of a new connection reports.
type server struct{ path, role, process string }

func ask(ctx context.Context, conn driverConn) (s server, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT current_setting('search_path'), CAST(session_user AS text), CAST(pg_backend_pid() AS text)`, nil)
	if err != nil {
		return s, err
	}
	row := make([]driver.Value, 3)
	if err := errors.Join(rows.Next(row), rows.Close()); err != nil {
		return s, err
	}
	return server{fmt.Sprintf("%s", row[0]), fmt.Sprintf("%s", row[1]), fmt.Sprintf("%s", row[2])}, nil
}

// process returns the server's process as the driver knows it, to cancel statements.
// A pooler invents one. The driver keeps it private; if it can't be found, the
// connection counts as pooled, which is safe.
func process(conn driver.Conn) string {
	pid := reflect.Indirect(reflect.ValueOf(conn)).FieldByName("pid")
	if !pid.IsValid() || !pid.CanInt() {
		return ""
	}
	return strconv.FormatInt(pid.Int(), 10)
}

// BeginTx implements driver.ConnBeginTx. The driver ignores the context until the
// transaction has begun.
func (c guarded) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	stop := context.AfterFunc(ctx, c.line.giveUp)
	defer stop()
	return c.driverConn.BeginTx(ctx, o)
}

// IsValid implements driver.Validator.
func (c guarded) IsValid() bool { return !c.line.givenUp.Load() && c.driverConn.IsValid() }

// giveUp limits the time of all that follows on a connection. It is not used again.
func giveUp(conn any) error {
	if c, ok := conn.(guarded); ok {
		c.line.giveUp()
	}
	return nil
}

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
