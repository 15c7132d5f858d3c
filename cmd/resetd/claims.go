package main

import (
	"context"
	"time"
)

// claimInterval is how often the claims are resolved that requests left behind.
const claimInterval = 2 * time.Second

// resolveClaims resolves claims until ctx is done. There are claims only if the accounts
// are in another database than the record. A failure is logged when its reason changes.
func (a *app) resolveClaims(ctx context.Context) {
	for said := ""; a.store.TwoDatabases(); {
		limited, cancel := context.WithTimeout(ctx, readyAge)
		reason := ""
		if err := a.resets.ResolveClaims(limited); err != nil {
			reason = err.Error()
		}
		cancel()
		if reason != "" && reason != said && ctx.Err() == nil {
			a.log.Warn("what became of a new password can't be found out yet", "error", reason)
		}
		said = reason
		select {
		case <-ctx.Done():
			return
		case <-time.After(claimInterval):
		}
	}
}
