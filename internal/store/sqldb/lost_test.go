package sqldb_test

import (
	"errors"
	"testing"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
)

// The server executes a statement, and the connection breaks before its reply. Sent again, it
// would be done twice.
func TestStatementWhoseReplyIsLostIsNotSentAgain(t *testing.T) {
	for reply, want := range map[string]struct {
		err  error
		rows int
	}{"INSERT": {reset.ErrUnavailable, 0}, "COMMIT": {reset.ErrUncertain, 1}} {
		line := testkit.NewLine(t, testkit.Postgres(t))
		pool, err := sqldb.Open(line.URL)
		must(t, err)
		defer func() { _ = pool.Close() }()
		must(t, pool.Run(t.Context(), `CREATE TABLE acts (id integer)`))
		line.LoseReply(reply)
		if err := pool.Run(t.Context(), `INSERT INTO acts VALUES (1)`); !errors.Is(err, want.err) {
			t.Errorf("reply of %s lost: got %v, want %v", reply, err, want.err)
		}
		var rows int
		must(t, pool.Get(t.Context(), &rows, `SELECT count(*) FROM acts`))
		if rows != want.rows {
			t.Errorf("reply of %s lost: %d rows, want %d", reply, rows, want.rows)
		}
	}
}
