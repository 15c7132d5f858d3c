package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"resetd/internal/store/sqldb"
	"resetd/internal/words"
)

const (
	// clocksApart is the difference from which two clocks disagree, as resetd check judges.
	clocksApart = 5 * time.Second
	// clocksAsk is how long the database may take to tell its time.
	clocksAsk = time.Second
)

// sharedClock is the time in the record. It is the machine's, as long as that agrees with
// the time of the database's server, which all instances share. Otherwise it is the
// server's: instances with different times would send each other's emails again, because
// to one of them the leases of the other would be over.
//
// It is compared each second. Meanwhile it does not change with the machine's time.
type sharedClock struct {
	wall  func() time.Time // of the machine
	log   *slog.Logger
	apart bool                    // it shows the server's time
	last  atomic.Pointer[reading] // nil with SQLite, whose server is this machine
}

// reading is what a clock showed at a moment.
type reading struct{ shown, at time.Time }

// Now returns the time for the record.
func (c *sharedClock) Now() time.Time {
	r := c.last.Load()
	if r == nil {
		return c.wall()
	}
	return r.shown.Add(time.Since(r.at)) // monotonic
}

// compare reads both clocks, and logs when they begin and cease to disagree. Without an
// answer of the database, the clock goes on.
func (c *sharedClock) compare(ctx context.Context, db *sqldb.Pool) {
	began := time.Now()
	theirs, err := db.Clock(ctx)
	at, ours := time.Now(), c.wall().Round(0)
	took := at.Sub(began)
	if err != nil || theirs.IsZero() || took > clocksAsk {
		return
	}
	theirs = theirs.Add(took / 2)
	ahead, limit := ours.Sub(theirs), clocksApart
	if c.apart {
		limit /= 2 // so that it does not change each second
	}
	before := c.apart
	if c.apart = ahead.Abs() > limit; c.apart {
		c.last.Store(&reading{theirs, at})
	} else {
		c.last.Store(&reading{ours, at})
	}
	c.report(before, ahead)
}

func (c *sharedClock) report(before bool, ahead time.Duration) {
	direction := "ahead of"
	if ahead < 0 {
		direction = "behind"
	}
	switch {
	case c.apart && !before:
		c.log.Error("this machine's clock is " + words.Span(ahead.Abs()) + " " + direction + " the database's, whose time is used until they agree: synchronize both clocks with NTP")
	case before && !c.apart:
		c.log.Info("this machine's clock agrees with the database's again")
	}
}

// follow compares the clock with the database's whenever the service probes that.
func (a *app) follow(c *sharedClock) {
	probe := a.readiness.probe
	a.readiness.probe = func(ctx context.Context) (string, error) {
		remark, err := probe(ctx)
		if err == nil {
			c.compare(ctx, a.store.Pool())
		}
		return remark, err
	}
}
