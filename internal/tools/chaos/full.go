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

// mountSmall mounts a small disk for an SQLite database.
func mountSmall(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	mount := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "resetd-chaos", dir)
	if out, err := mount.CombinedOutput(); err != nil {
		why, _, _ := strings.Cut(string(out), "\n")
		return fmt.Errorf("%w: a small disk can't be mounted by this user on this machine: %s", errNotDone, why)
	}
	return nil
}

func unmount(ctx context.Context, dir string) {
	_ = exec.CommandContext(context.WithoutCancel(ctx), "umount", "-l", dir).Run()
}

// filling fills the disk of the database completely and frees it again. Every second
// time it also kills and restarts the process while the disk is full.
func (t *trial) filling(ctx context.Context, dir string) error {
	ballast := filepath.Join(dir, "ballast")
	for i := range t.fills {
		wait(ctx, within(t.rng, 2*time.Second))
		if err := fillDisk(ballast); err != nil {
			return err
		}
		t.faults++
		t.awaitRefusal(ctx)
		wait(ctx, time.Second+within(t.rng, time.Second))
		if i%2 == 1 {
			t.server.Kill()
			if err := t.restart(ctx); err != nil {
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
			t.ledger.fault("a full disk was not met within a minute")
			return
		}
		wait(ctx, 10*time.Millisecond)
	}
}

// fillDisk writes until the disk is full.
func fillDisk(path string) error {
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
