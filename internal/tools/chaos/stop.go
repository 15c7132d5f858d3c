package main

import (
	"context"
	"time"

	"resetd/internal/testkit/postgres"
)

// stopping stops PostgreSQL and starts it again: in turns fast, which ends its
// connections, and immediately, which is what a crash leaves behind.
func (t *trial) stopping(ctx context.Context, c *postgres.Cluster) error {
	for i := range t.stops {
		wait(ctx, within(t.rng, 2*time.Second))
		if i%2 == 1 {
			c.Crash()
		} else if err := c.Stop(); err != nil {
			return err
		}
		t.faults++
		wait(ctx, within(t.rng, 2*time.Second))
		if err := c.Restart(ctx); err != nil {
			return err
		}
		if err := t.comeBack(ctx); err != nil {
			return err
		}
	}
	return nil
}
