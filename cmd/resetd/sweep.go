package main

import (
	"context"
	"errors"
	"time"
)

const (
	// sweepInterval is how often expired sessions, sign-ups and counters are removed.
	sweepInterval = time.Hour
	// purgeInterval is how often old resets are.
	purgeInterval = 24 * time.Hour
)

// sweep removes what has had its time, until ctx is done.
func (a *app) sweep(ctx context.Context) {
	var purged time.Time
	for {
		a.sweepOnce(ctx, &purged)
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepInterval):
		}
	}
}

func (a *app) sweepOnce(ctx context.Context, purged *time.Time) {
	err := errors.Join(
		a.sessions.DeleteExpired(ctx), a.staffSessions.DeleteExpired(ctx), a.store.DeleteEndedLimits(ctx, a.now()), a.store.MergeDays(ctx, a.now()))
	if a.cfg.Builtin {
		err = errors.Join(err, a.store.DeleteEndedSignUps(ctx, a.now()))
	}
	if now := a.now(); a.cfg.Retention > 0 && now.Sub(*purged) >= purgeInterval {
		removed, failed := a.store.Purge(ctx, now.Add(-a.cfg.Retention), now)
		if failed == nil {
			*purged = now
		}
		if removed > 0 {
			a.log.Info("removed old resets", "count", removed)
		}
		err = errors.Join(err, failed)
	}
	if err != nil && ctx.Err() == nil {
		a.log.Error("remove what has expired", "error", err.Error())
	}
}
