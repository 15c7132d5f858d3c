package main

import (
	"context"
	"os"
	"time"
)

const (
	// movable is a build of the program whose clock a file moves, because the clock of the
	// machine can't be moved for one process.
	movable = "bin/resetd-movable"
	// clockOutage is how long the clock of an instance is wrong.
	clockOutage = 20 * time.Second
)

// moveClock sets the clock of one instance, and sets it right again. Meanwhile the other
// instance has another time.
func (t *trial) moveClock(ctx context.Context) error {
	p := t.servers[t.rng.IntN(len(t.servers))]
	by := []time.Duration{time.Hour, -time.Hour, 3 * time.Minute, -3 * time.Minute}[t.rng.IntN(4)]
	if err := os.WriteFile(p.clock, []byte(by.String()), 0o600); err != nil {
		return err
	}
	t.cause("moved clock")
	wait(ctx, clockOutage)
	var future int
	if err := t.db.GetContext(ctx, &future, `SELECT count(*) FROM password_resets WHERE created_at > clock_timestamp() + interval '1 minute'`); err != nil {
		return err
	}
	if future > 0 {
		t.ledger.fault(other, "%d requests are of the future after a clock was moved by %v", future, by)
	}
	if err := os.Remove(p.clock); err != nil {
		return err
	}
	return t.comeBack(ctx)
}
