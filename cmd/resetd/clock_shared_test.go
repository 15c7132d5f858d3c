package main

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

// instance is one of several on a database, on a machine whose clock is wrong.
func instance(t *testing.T, db testkit.Database, wrongBy time.Duration) *site {
	t.Helper()
	s := &site{T: t, db: db, log: &logBuffer{}}
	clock := &sharedClock{wall: func() time.Time { return time.Now().Add(wrongBy) }, log: slog.New(slog.NewJSONHandler(s.log, nil))}
	s.now = clock.Now
	s.open(nil)
	s.app.follow(clock)
	clock.compare(t.Context(), s.app.store.Pool())
	return s.work()
}

// An email that one instance is sending is not due for another one whose clock is ahead.
func TestInstancesWithDifferentClocksSendOnce(t *testing.T) {
	t.Parallel() // at its end, the slow email gets its seconds to finish
	db := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
	slow := instance(t, db, 0)
	slow.user("slow@example.org")
	slow.user("fast@example.org")
	slow.sink.Add(smtpsink.Rule{At: smtpsink.Taken, Stall: true})
	slow.browser().Request("slow@example.org").Is(http.StatusSeeOther)
	slow.sink.WaitStalled(t, 1)
	ahead := instance(t, db, 5*time.Minute)
	for range 2 { // the second request is sent after the lease of the first
		ahead.browser().Request("fast@example.org").Is(http.StatusSeeOther)
		n := len(ahead.sink.Messages())
		ahead.eventually("the next email", func() bool { return len(ahead.sink.Messages()) > n })
	}
	for _, m := range ahead.sink.Messages() {
		if m.To[0] != "fast@example.org" {
			t.Errorf("the email to %s was sent twice", m.To[0])
		}
	}
	if got := ahead.db.Text(t, `SELECT count(*) FROM password_resets WHERE created_at > clock_timestamp() + interval '1 minute'`); got != "0" {
		t.Errorf("%s requests are of the future", got)
	}
}

// The record has the time of the database's server while the machine's clock is wrong.
func TestSharedClock(t *testing.T) {
	s := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}.Open(t)
	var wrongBy time.Duration
	var log logBuffer
	c := &sharedClock{wall: func() time.Time { return time.Now().Add(wrongBy) }, log: slog.New(slog.NewJSONHandler(&log, nil))}
	for _, tt := range []struct {
		wrongBy, shows time.Duration
		logs           string
	}{
		{0, 0, ""},
		{4 * time.Second, 4 * time.Second, ""},
		{time.Hour, 0, "this machine's clock is 1 hour ahead of the database's"},
		{-time.Hour, 0, ""},
		{4 * time.Second, 0, ""},
		{0, 0, "agrees with the database's again"},
		{-time.Hour, 0, "this machine's clock is 1 hour behind the database's"},
	} {
		wrongBy = tt.wrongBy
		before := log.String()
		c.compare(t.Context(), s.Pool())
		if off := time.Until(c.Now()) - tt.shows; off.Abs() > time.Second {
			t.Errorf("wrong by %v: it is off by %v", tt.wrongBy, off)
		}
		if got := strings.TrimPrefix(log.String(), before); !strings.Contains(got, tt.logs) || (tt.logs == "") != (got == "") {
			t.Errorf("wrong by %v: the log has %q, want %q", tt.wrongBy, got, tt.logs)
		}
	}
	wrongBy = 2 * time.Hour // between two comparisons
	if off := time.Until(c.Now()); off.Abs() > time.Second {
		t.Errorf("it moved with the machine's clock, by %v", off)
	}
}

// With SQLite, the database's server is this machine.
func TestSharedClockOfSQLite(t *testing.T) {
	s := testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}.Open(t)
	at := testkit.NewClock()
	c := &sharedClock{wall: at.Now}
	c.compare(t.Context(), s.Pool())
	if got := c.Now(); got != at.Now() {
		t.Errorf("got %v, want the machine's time", got)
	}
}
