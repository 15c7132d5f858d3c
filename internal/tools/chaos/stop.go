package main

import (
	"context"
	"syscall"
	"time"
)

// stopping stops PostgreSQL and starts it again: in turns fast, which ends its
// connections, and immediately, which is what a crash leaves behind.
func (t *trial) stopping(ctx context.Context, c *cluster) error {
	for i := range t.stops {
		wait(ctx, within(t.rng, 2*time.Second))
		if err := c.stop([]syscall.Signal{syscall.SIGINT, syscall.SIGQUIT}[i%2]); err != nil {
			return err
		}
		t.faults++
		wait(ctx, within(t.rng, 2*time.Second))
		if err := c.start(ctx); err != nil {
			return err
		}
		if err := t.comeBack(ctx); err != nil {
			return err
		}
	}
	return nil
}
