package main

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
)

// writer is the application, which holds SQLite's one write lock until it is
// told to let go.
func writer(t *testing.T, db testkit.Database) (let func()) {
	t.Helper()
	conn, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(db.URL, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	conn.SetMaxOpenConns(1)
	if _, err := conn.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return func() { _, _ = conn.ExecContext(context.Background(), `ROLLBACK`) }
}

// Another program may write to the same file: resetd waits for it, for so long.
func TestSQLiteWaitsForAnotherWriter(t *testing.T) {
	t.Parallel() // most of it is waiting
	db := django(t, testkit.Database{Name: "sqlite", URL: "sqlite:" + t.TempDir() + "/app.db"})
	s := beside(t, db)
	b := s.browser()
	form := b.open(s.ask("user@example.org"))
	let := writer(t, db)
	start := time.Now()
	failed := b.choose(form, newPassword, newPassword).is(http.StatusServiceUnavailable)
	if took := time.Since(start); took < 4*time.Second || took > 12*time.Second || failed.header.Get("Retry-After") == "" {
		t.Errorf("it waited for %s, and says Retry-After %q", took, failed.header.Get("Retry-After"))
	}
	time.AfterFunc(time.Second, let)
	start = time.Now()
	b.choose(form, newPassword, newPassword).to("/password-reset/complete")
	if took := time.Since(start); took < 500*time.Millisecond {
		t.Errorf("it was done after %s, before the other writer was", took)
	}
}
