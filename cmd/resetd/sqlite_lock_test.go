package main

import (
	"context"
	"database/sql"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"resetd/internal/testkit"
)

// writer is an application that holds SQLite's write lock until release is called.
func writer(t *testing.T, db testkit.Database) (release func()) {
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

// Another program may write to the same file. resetd must wait for it, but not for
// ever.
func TestSQLiteWaitsForAnotherWriter(t *testing.T) {
	t.Parallel() // most of it is waiting
	db := django(t, testkit.Database{Name: "sqlite", URL: "sqlite:" + t.TempDir() + "/app.db"})
	s := djangoSite(t, db)
	b := s.browser()
	form := b.OpenLink(s.ask("user@example.org"))
	release := writer(t, db)
	if b.Choose(form, newPassword, newPassword).Is(http.StatusServiceUnavailable).Header.Get("Retry-After") == "" {
		t.Error("the answer has no Retry-After")
	}
	var released atomic.Bool
	time.AfterFunc(time.Second, func() { released.Store(true); release() })
	b.Choose(form, newPassword, newPassword).To("/password-reset/complete")
	if !released.Load() {
		t.Error("it finished before the other writer")
	}
}
