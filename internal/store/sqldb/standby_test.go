package sqldb_test

import (
	"errors"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

// After a switch-over, the open connections lead to a node that is read-only. They must
// not stay in use until their lifetime ends.
func TestConnectionsToAStandbyAreReplaced(t *testing.T) {
	pool, err := sqldb.Open(testkit.Postgres(t))
	must(t, err)
	defer func() { _ = pool.Close() }()
	must(t, pool.Run(t.Context(), `CREATE TABLE here (n integer)`))
	demote(t, pool)
	if err := pool.Writable(t.Context()); !errors.Is(err, reset.ErrUnavailable) {
		t.Errorf("readiness of a standby: %v, want ErrUnavailable", err)
	}
	write := func() error { return pool.Run(t.Context(), `INSERT INTO here VALUES (1)`) }
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		err := write()
		if err == nil {
			return
		}
		if !errors.Is(err, reset.ErrUnavailable) || time.Since(start) > 30*time.Second {
			t.Fatalf("got %v, want ErrUnavailable and then success", err)
		}
	}
}

// demote makes all connections of the pool read-only.
func demote(t *testing.T, pool *sqldb.Pool) {
	t.Helper()
	db := sqlx.NewDb(pool.SQL(), "postgres")
	for range db.Stats().MaxOpenConnections {
		conn, err := db.Connx(t.Context())
		must(t, err)
		defer func() { _ = conn.Close() }()
		if _, err := conn.ExecContext(t.Context(), `SET default_transaction_read_only = on`); err != nil {
			t.Fatal(err)
		}
	}
}
