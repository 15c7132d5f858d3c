package main

import (
	"errors"
	"fmt"
	"time"

	"resetd/internal/config"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/words"
)

type purgeCmd struct {
	OlderThan string `required:"" help:"Age of the resets to remove, such as 400d. Live links stay."`
}

// Validate makes an invalid age a usage error.
func (cmd *purgeCmd) Validate() error {
	if cmd.OlderThan == "" {
		return nil // the flag is missing, which is reported better
	}
	if _, err := config.ParseDuration(cmd.OlderThan); err != nil {
		return fmt.Errorf("--older-than: %w", err)
	}
	return nil
}

// Run implements resetd purge.
func (cmd *purgeCmd) Run(in *invocation) error {
	age, err := config.ParseDuration(cmd.OlderThan)
	if err != nil {
		return fmt.Errorf("--older-than: %w", err)
	}
	return in.withStore(func(s *store.Store, cfg config.Config) error {
		if err := s.UpToDate(in.ctx, cfg.Builtin); err != nil {
			return err
		}
		now := time.Now()
		if err := sumHours(in.ctx, s, now, true); err != nil { // the sums stay after the resets are removed
			return err
		}
		audit, err := newStaff(cfg, s)
		if err != nil {
			return err
		}
		var removed int64
		err = audit.Operate(in.ctx, staff.Purged, "older than "+cmd.OlderThan, func() error { // after now: the entry itself stays
			removed, err = s.Purge(in.ctx, now.Add(-age), now)
			return err
		})
		_, failed := fmt.Fprintln(in.stdout, words.Count(removed, "reset", "resets"), "removed")
		return errors.Join(err, failed)
	})
}
