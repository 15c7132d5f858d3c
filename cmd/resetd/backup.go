package main

import (
	"fmt"

	"resetd/internal/config"
	"resetd/internal/store"
)

type backupCmd struct {
	File string `arg:"" help:"New file for the copy."`
}

// Run implements resetd backup.
func (cmd *backupCmd) Run(in *invocation) error {
	cfg, err := in.config()
	if err != nil {
		return err
	}
	s, err := openExisting(cfg)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := s.Backup(in.ctx, cmd.File); err != nil {
		return err
	}
	keys, err := cfg.SigningKeys()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(in.stdout, "%s is complete. The links in it need the key with the fingerprint %s, which is not in the copy: back it up, too.\n",
		cmd.File, keys.Fingerprints()[0])
	return err
}

// openExisting opens the configured database and never creates a file.
func openExisting(cfg config.Config) (*store.Store, error) {
	if err := refuseMissing(cfg.DatabaseURL); err != nil {
		return nil, err
	}
	return store.Open(cfg.DatabaseURL, cfg.Accounts)
}
