package main

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/config"
	"resetd/internal/store"
)

type backupCmd struct {
	File string `arg:"" help:"New file for the copy."`
}

// Run implements resetd backup.
func (cmd *backupCmd) Run(in *invocation) error {
	if cmd.File == "" {
		return errors.New("name a file for the copy")
	}
	return in.withStore(func(s *store.Store, cfg config.Config) error {
		if err := s.Backup(in.ctx, cmd.File); err != nil {
			return err
		}
		fingerprint, err := keyOf(in.ctx, s, cfg)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(in.stdout, "%s is complete. The links in it need the key with the fingerprint %s, which is not in the copy: back it up, too.\n",
			cmd.File, fingerprint)
		return err
	})
}

// keyOf returns the fingerprint of the key that signed the links in the database. The key
// of the settings may be another one, if its file was lost or this shell lacks a variable
// of the service. If the database was never served, it has no links yet.
func keyOf(ctx context.Context, s *store.Store, cfg config.Config) (string, error) {
	last, err := s.LastKey(ctx)
	if last != "" || err != nil {
		return last, err
	}
	keys, err := cfg.SigningKeys()
	if err != nil {
		return "", err
	}
	return keys.Fingerprints()[0], nil
}
