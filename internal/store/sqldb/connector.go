package sqldb

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/lib/pq"
)

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
