package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

// ErrLocked: another process did not finish.
var ErrLocked = errors.New("another process has been changing the tables for too long: see its log, and try again")

const (
	lockPoll    = 50 * time.Millisecond // how often a waiting process tries to take the lock
	lockReport  = 2 * time.Second       // after which it calls Waiting the first time
	lockTimeout = 5 * time.Minute
)

// lockFile locks an SQLite database against other processes.
func (s *Store) lockFile(ctx context.Context) (unlock func(), err error) {
	if s.pool.File == "" {
		return func() {}, nil
	}
	l := flock.New(s.pool.File+".lock", flock.SetPermissions(0o600))
	if err := s.wait(ctx, l.TryLock); err != nil {
		return nil, fmt.Errorf("migrate: lock %s: %w", s.pool.File, err)
	}
	return func() { _ = l.Unlock() }, nil
}

// alone calls f while no other process changes the tables of a PostgreSQL database.
// Unlike goose's lock, which belongs to a session, this one belongs to a transaction:
// it ends with it, behind a transaction pooler too.
func (s *Store) alone(ctx context.Context, f func() error) error {
	if !s.Dialect.OwnConns {
		return f() // lockFile has locked it
	}
	unlock := func() {}
	err := s.wait(ctx, func() (locked bool, err error) {
		unlock, locked, err = s.pool.TryLock(ctx)
		return locked, err
	})
	if err != nil {
		return err
	}
	defer unlock()
	return f()
}

// wait tries until the lock is taken.
func (s *Store) wait(ctx context.Context, try func() (locked bool, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, lockTimeout, ErrLocked)
	defer cancel()
	report := time.NewTimer(lockReport)
	defer report.Stop()
	for {
		if locked, err := try(); locked || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-report.C:
			report.Reset(time.Minute)
			if s.Waiting != nil {
				s.Waiting()
			}
		case <-time.After(lockPoll):
		}
	}
}
