package sqldb_test

import (
	"errors"
	"testing"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

func openPool(t *testing.T) *sqldb.Pool {
	t.Helper()
	pool, err := sqldb.Open(testkit.Postgres(t))
	must(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func session(t *testing.T) *sqldb.Session {
	t.Helper()
	s := openPool(t).NewSession()
	t.Cleanup(s.Close)
	return s
}

func count(t *testing.T, s *sqldb.Session) (n int) {
	t.Helper()
	err := s.InTx(t.Context(), func(db sqldb.DB) error { return db.Get(t.Context(), &n, `SELECT count(*) FROM pg_prepared_statements`) })
	must(t, err)
	return n
}

func TestSessionKeepsStatementsPrepared(t *testing.T) {
	s := session(t)
	if n := count(t, s); n != 1 {
		t.Errorf("%d prepared statements, want 1", n)
	}
	if n := count(t, s); n != 1 {
		t.Errorf("%d prepared statements when the same ran again, want 1", n)
	}
}

// Only the session that asks for it commits without waiting for the disk, also on a new
// connection, and never on one that a pooler shares with other sessions.
func TestUnsyncedSession(t *testing.T) {
	setting := func(s *sqldb.Session) (value string) {
		must(t, s.InTx(t.Context(), func(db sqldb.DB) error { return db.Get(t.Context(), &value, `SHOW synchronous_commit`) }))
		return value
	}
	direct, pooled := testkit.Postgres(t), testkit.Pooler(t, testkit.EmptyPostgres(t), "default_pool_size=1")
	for _, c := range []struct {
		url, unsynced string
	}{{direct + "&synchronous_commit=on", "off"}, {pooled, "on"}} {
		pool, err := sqldb.Open(c.url)
		must(t, err)
		s, other := pool.NewUnsyncedSession(), pool.NewSession()
		must(t, other.InTx(t.Context(), func(db sqldb.DB) error { return db.Run(t.Context(), `SET synchronous_commit = on`) }))
		for range 2 {
			if got := setting(s); got != c.unsynced {
				t.Errorf("synchronous_commit is %s, want %s", got, c.unsynced)
			}
			if got := setting(other); got != "on" {
				t.Errorf("another session has %s", got)
			}
			s.Close()
		}
		other.Close()
		must(t, pool.Close())
	}
}

// A transaction pooler runs each transaction on any of its connections, so prepared
// statements get lost.
func TestSessionBehindAPoolerStopsPreparing(t *testing.T) {
	s := session(t)
	count(t, s)
	_ = s.InTx(t.Context(), func(db sqldb.DB) error { return db.Run(t.Context(), `DEALLOCATE ALL`) }) // which loses itself, too
	for range 2 {
		if n := count(t, s); n != 0 {
			t.Errorf("%d prepared statements, want none", n)
		}
	}
}

// The statements of two clients have the same names. On a shared connection, one would
// run the other's.
func TestSessionsBehindAPoolerDoNotPrepare(t *testing.T) {
	pool, err := sqldb.Open(testkit.Pooler(t, testkit.EmptyPostgres(t), "default_pool_size=1"))
	must(t, err)
	defer func() { _ = pool.Close() }()
	one, other := pool.NewSession(), pool.NewSession()
	defer one.Close()
	defer other.Close()
	for range 3 {
		for s, want := range map[*sqldb.Session]string{one: "one", other: "other"} {
			var got string
			err := s.Each(t.Context(), func(db sqldb.DB) error {
				return db.Get(t.Context(), &got, `SELECT '`+want+`' FROM (SELECT CAST($1 AS integer)) AS x`, 1)
			})
			if err != nil || got != want {
				t.Errorf("got %q %v, want %q", got, err, want)
			}
		}
		if n := count(t, one); n != 0 {
			t.Errorf("%d prepared statements, want none", n)
		}
	}
}

// The server may close a connection that is idle.
func TestSessionReconnects(t *testing.T) {
	s := session(t)
	count(t, s)
	err := s.InTx(t.Context(), func(db sqldb.DB) error {
		return db.Run(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`)
	})
	if !errors.Is(err, reset.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if n := count(t, s); n != 1 {
		t.Errorf("%d prepared statements on the new connection, want 1", n)
	}
}

// The first statement on a connection that the server closed meanwhile was not
// executed, so it is sent again on a new connection.
func TestSessionWithoutTransactionReconnects(t *testing.T) {
	pool := openPool(t)
	s := pool.NewSession()
	t.Cleanup(s.Close)
	var process int
	read := func() error {
		return s.Each(t.Context(), func(db sqldb.DB) error { return db.Get(t.Context(), &process, `SELECT pg_backend_pid()`) })
	}
	must(t, read())
	before := process
	must(t, pool.Run(t.Context(), `SELECT pg_terminate_backend($1, 10000)`, process))
	if err := read(); err != nil || process == before {
		t.Errorf("process %d after %d, %v; want a new connection", process, before, err)
	}
}

// After five uses PostgreSQL would keep the plan of a statement.
func TestPlanningSessionPlansEachTime(t *testing.T) {
	for name, tt := range map[string]struct {
		open  func(*sqldb.Pool) *sqldb.Session
		keeps bool
	}{"session": {(*sqldb.Pool).NewSession, true}, "planning session": {(*sqldb.Pool).NewPlanningSession, false}} {
		s := tt.open(openPool(t))
		t.Cleanup(s.Close)
		var kept int
		for range 10 {
			err := s.InTx(t.Context(), func(db sqldb.DB) error {
				return db.Get(t.Context(), &kept, `SELECT generic_plans FROM pg_prepared_statements WHERE statement <> $1`, `other`)
			})
			must(t, err)
		}
		if got := kept > 0; got != tt.keeps {
			t.Errorf("%s: %d uses of a kept plan, want some: %v", name, kept, tt.keeps)
		}
	}
}

func TestFailedTransactionOfASessionIsRolledBack(t *testing.T) {
	s, failure := session(t), errors.New("no")
	err := s.InTx(t.Context(), func(db sqldb.DB) error {
		if err := db.Run(t.Context(), `CREATE TABLE rolled_back (id integer)`); err != nil {
			return err
		}
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("got %v, want the failure", err)
	}
	var n int
	err = s.InTx(t.Context(), func(db sqldb.DB) error {
		return db.Get(t.Context(), &n, `SELECT count(*) FROM pg_tables WHERE tablename = 'rolled_back'`)
	})
	if err != nil || n != 0 {
		t.Errorf("%d tables, %v; want none", n, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
