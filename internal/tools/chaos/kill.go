package main

import (
	"context"
	"time"
)

// lifetime is the maximum time between two kills.
const lifetime = 250 * time.Millisecond

// killing kills the process at random moments and starts it again.
func (t *trial) killing(ctx context.Context) error {
	for range t.kills {
		if wait(ctx, within(t.rng, lifetime)); ctx.Err() != nil {
			return ctx.Err()
		}
		t.server.Kill()
		t.faults++
		if err := t.restart(ctx); err != nil {
			return err
		}
	}
	return nil
}
