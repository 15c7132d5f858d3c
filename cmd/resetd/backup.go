package main

import (
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
		keys, err := cfg.SigningKeys()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(in.stdout, "%s is complete. The links in it need the key with the fingerprint %s, which is not in the copy: back it up, too.\n",
			cmd.File, keys.Fingerprints()[0])
		return err
	})
}
