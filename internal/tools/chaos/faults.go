package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	stops = 20 // of PostgreSQL
	fills = 10 // of the disk
)

// kill kills the process at random moments and starts it again.
func (t *trial) kill(ctx context.Context) error {
	for range t.kills {
		if wait(ctx, within(t.rng, 250*time.Millisecond)); ctx.Err() != nil {
			return ctx.Err()
		}
		t.servers[0].Kill()
		t.cause("kill")
		if err := t.restart(ctx, t.servers[0]); err != nil {
			return err
		}
	}
	return nil
}

// stopServer stops PostgreSQL and starts it again: in turns fast, which ends its
// connections, and immediately, which is what a crash leaves behind.
func (t *trial) stopServer(ctx context.Context) error {
	for i := range stops {
		wait(ctx, within(t.rng, 2*time.Second))
		if i%2 == 1 {
			t.cluster.Crash()
		} else if err := t.cluster.Stop(); err != nil {
			return err
		}
		t.cause("stop of the database")
		wait(ctx, within(t.rng, 2*time.Second))
		if err := t.cluster.Restart(ctx); err != nil {
			return err
		}
		if err := t.comeBack(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mountSmall mounts a small disk.
func mountSmall(ctx context.Context, dir string) error {
	mount := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "resetd-chaos", dir)
	if out, err := mount.CombinedOutput(); err != nil {
		why, _, _ := strings.Cut(string(out), "\n")
		return fmt.Errorf("%w: a small disk can't be mounted by this user on this machine: %s", errNotDone, why)
	}
	return nil
}

// unmount unmounts the small disk, if there is one. The trial may have been interrupted.
func unmount(dir string) {
	_ = exec.CommandContext(context.Background(), "umount", "-l", dir).Run()
}

// fillDisk fills the disk of the database completely and frees it again. Every second
// time it also kills and restarts the process while the disk is full.
func (t *trial) fillDisk(ctx context.Context) error {
	ballast := filepath.Join(t.dir, "ballast")
	for i := range fills {
		wait(ctx, within(t.rng, 2*time.Second))
		if err := fill(ballast); err != nil {
			return err
		}
		t.cause("full disk")
		t.awaitRefusal(ctx)
		wait(ctx, time.Second+within(t.rng, time.Second))
		if i%2 == 1 {
			t.servers[0].Kill()
			if err := t.restart(ctx, t.servers[0]); err != nil {
				return err
			}
		}
		if err := os.Remove(ballast); err != nil {
			return err
		}
		if err := t.comeBack(ctx); err != nil {
			return err
		}
	}
	return nil
}

// awaitRefusal waits for the first 503. The database can still use its allocated space
// for a while.
func (t *trial) awaitRefusal(ctx context.Context) {
	before := t.ledger.count(http.StatusServiceUnavailable)
	for began := time.Now(); ctx.Err() == nil && t.ledger.count(http.StatusServiceUnavailable) == before; {
		if time.Since(began) > time.Minute {
			t.ledger.fault(other, "the program did not notice the full disk within a minute")
			return
		}
		wait(ctx, 10*time.Millisecond)
	}
}

// fill writes a file until the disk is full.
func fill(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	for size := 1 << 20; size > 0; {
		if _, err = f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("fill the disk: %w", err)
	}
	return nil
}
