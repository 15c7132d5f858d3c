package threats

import (
	"database/sql"
	"net/http"
	"strings"
	"time"

	"resetd/internal/testkit/webtest"
)

// submit sends the form of an opened link from a goroutine.
func (b *browser) submit(form page, plain string) (page, error) {
	return b.Try(http.MethodPost, "/password-reset/confirm", webtest.Form("reset", form.Field("reset"), "new_password", plain, "confirm_password", plain))
}

// hold begins a transaction that changes rows. Others can't write to these rows until
// it ends.
func (s *service) hold(statement string) *sql.Tx {
	s.Helper()
	driver, source := s.db.Name, s.db.URL
	if driver == "sqlite" {
		source = "file:" + strings.TrimPrefix(s.db.URL, "sqlite:") + "?_txlock=immediate&_pragma=busy_timeout(5000)"
	}
	conn, err := sql.Open(driver, source)
	s.must(err)
	s.Cleanup(func() { _ = conn.Close() })
	tx, err := conn.BeginTx(s.Context(), nil)
	s.must(err)
	_, err = tx.ExecContext(s.Context(), statement)
	s.must(err)
	return tx
}

// meanwhile sends a request and changes the database between its read and its write:
// the request reads the old rows, and its write waits for the end of the change.
func (s *service) meanwhile(statement string, request func() (page, error)) page {
	s.Helper()
	tx := s.hold(statement)
	answered := make(chan page, 1)
	failed := make(chan error, 1)
	go func() {
		p, err := request()
		answered <- p
		failed <- err
	}()
	s.untilItWaits()
	s.must(tx.Commit())
	p := <-answered
	s.must(<-failed)
	return p
}

// untilItWaits returns when the program waits for a lock. SQLite does not report this,
// so there it waits far longer than the program needs. If the program were slower, it
// would read the changed rows, and the answer would be the same.
func (s *service) untilItWaits() {
	s.Helper()
	if s.db.Name == "sqlite" {
		time.Sleep(300 * time.Millisecond)
		return
	}
	s.eventually("the program waits for the lock", func() bool {
		return s.db.Text(s.T, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) != "0"
	})
}
