package main

import (
	"context"
	"errors"
	"time"

	"resetd/internal/store"
)

const (
	// sweepInterval is how often expired sessions, sign-ups and counters are
	// removed and the sums of past hours are computed.
	sweepInterval = time.Hour
	// recountDays is how many days are summed again each night, because emails may
	// bounce late.
	recountDays = 8
)

// sweep does the hourly and the nightly work until ctx is done.
func (a *app) sweep(ctx context.Context) {
	var night time.Time // the last day (UTC) with finished nightly work
	for {
		limited, cancel := context.WithTimeout(ctx, sweepInterval) // in case the database is silent
		a.sweepOnce(limited, &night)
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepInterval):
		}
	}
}

func (a *app) sweepOnce(ctx context.Context, night *time.Time) {
	now := a.now().UTC()
	today := now.Truncate(24 * time.Hour)
	err := errors.Join(a.removeExpired(ctx, now), sumHours(ctx, a.store, now, !today.Equal(*night)))
	if err == nil && !today.Equal(*night) {
		err = a.purge(ctx, now) // only after the sums are stored
	}
	if err == nil {
		*night = today
	} else if ctx.Err() == nil {
		a.log.Error("hourly work failed and will be repeated", "error", err.Error())
	}
}

func (a *app) removeExpired(ctx context.Context, now time.Time) error {
	err := errors.Join(a.sessions.DeleteExpired(ctx), a.staffSessions.DeleteExpired(ctx), a.store.DeleteEndedLimits(ctx, now))
	if a.cfg.Builtin {
		err = errors.Join(err, a.store.DeleteEndedSignUps(ctx, now))
	}
	return err
}

// sumHours computes the sums of the overview: those since the day before the last
// run and, each night, those of the last days again.
func sumHours(ctx context.Context, s *store.Store, now time.Time, nightly bool) error {
	from, err := s.UnsummedSince(ctx)
	if err != nil || from.IsZero() {
		return err
	}
	from = from.AddDate(0, 0, -1) // resets of that day were used, and emails settled, since then
	if recount := now.AddDate(0, 0, -recountDays); nightly && recount.Before(from) {
		from = recount
	}
	return s.SumHours(ctx, from, now)
}

func (a *app) purge(ctx context.Context, now time.Time) error {
	if a.cfg.Retention == 0 {
		return nil
	}
	removed, err := a.store.Purge(ctx, now.Add(-a.cfg.Retention), now)
	if removed > 0 {
		a.log.Info("removed old resets", "count", removed)
	}
	return err
}
