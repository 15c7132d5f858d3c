package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	// readyInterval is the time between two probes. They run on their own, so the
	// time of an answer of /readyz does not show how busy the database is.
	readyInterval = time.Second
	// readyTimeout is how long a probe waits for the database.
	readyTimeout = 2 * time.Second
	// readyAge is how long the result of a probe counts, if no other follows.
	readyAge = 10 * time.Second
)

// readiness knows whether the service can work.
type readiness struct {
	probe func(context.Context) (remark string, err error)
	log   *slog.Logger
	until atomic.Int64 // the service was ready, and counts as such until then; in nanoseconds since 1970
	said  string       // the last line in the log
}

// run probes until ctx is done.
func (r *readiness) run(ctx context.Context) {
	ticker := time.NewTicker(readyInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		r.once(ctx)
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// once probes, and logs the reason when it changes. A remark is about something that
// does not keep the service from working.
func (r *readiness) once(ctx context.Context) {
	probing, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	remark, err := r.probe(probing)
	if ctx.Err() != nil {
		return
	}
	level, reason := slog.LevelWarn, remark
	switch {
	case err != nil:
		level, reason = slog.LevelError, err.Error()
		r.until.Store(0)
	default:
		r.until.Store(time.Now().Add(readyAge).UnixNano())
	}
	if reason != "" && reason != r.said {
		r.log.Log(ctx, level, "readiness", "ready", err == nil, "reason", reason)
	}
	r.said = reason
}

// ready returns the result of the last probe.
func (r *readiness) ready() bool { return time.Now().UnixNano() < r.until.Load() }
