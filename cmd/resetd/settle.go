package main

import (
	"context"
	"time"
)

// claimInterval is how often the claims are settled that requests left behind.
const claimInterval = 2 * time.Second

// settleClaims settles claims until ctx is done. There are claims only if the accounts
// are in another database than the record. A failure is logged when its reason changes.
func (a *app) settleClaims(ctx context.Context) {
	for said := ""; a.store.Apart(); {
		limited, cancel := context.WithTimeout(ctx, readyAge)
		reason := ""
		if err := a.resets.SettleClaims(limited); err != nil {
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
