package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"resetd/internal/config"
	"resetd/internal/store"
	"resetd/internal/store/sqldb"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Bring the tables up to date."`
	Down   migrateDownCmd   `cmd:"" help:"Revert the newest migration. The data in its tables is lost."`
	Status migrateStatusCmd `cmd:"" help:"List the migrations."`
}

type (
	migrateUpCmd     struct{}
	migrateDownCmd   struct{}
	migrateStatusCmd struct{}
)

// Run implements resetd migrate up.
func (migrateUpCmd) Run(in *invocation) error {
	return in.open(openStore, func(s *store.Store, cfg config.Config) error { return s.MigrateUp(in.ctx, cfg.Builtin) })
}

// Run implements resetd migrate down.
func (migrateDownCmd) Run(in *invocation) error {
	return in.withStore(func(s *store.Store, cfg config.Config) error { return s.MigrateDown(in.ctx, cfg.Builtin) })
}

// Run implements resetd migrate status.
func (migrateStatusCmd) Run(in *invocation) error {
	return in.open(openStore, func(s *store.Store, cfg config.Config) error {
		all, err := s.MigrateStatus(in.ctx, cfg.Builtin)
		for _, m := range all {
			state := "pending"
			if m.Applied {
				state = "applied"
			}
			_, _ = fmt.Fprintf(in.stdout, "%-8s %s\n", state, m.File)
		}
		return err
	})
}

// withStore opens the configured database, which must exist, for one command.
func (in *invocation) withStore(f func(*store.Store, config.Config) error) error {
	return in.open(openExisting, f)
}

func (in *invocation) open(open func(config.Config) (*store.Store, error), f func(*store.Store, config.Config) error) error {
	cfg, err := in.config()
	if err != nil {
		return err
	}
	s, err := open(cfg)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	s.Waiting = func() { _, _ = fmt.Fprintln(in.stderr, "resetd:", waitingLine) }
	return f(s, cfg)
}

const waitingLine = "another process changes the tables; waiting"

// openStore opens the configured database. It creates a missing SQLite file, unless
// the accounts of another application must be in it.
func openStore(cfg config.Config) (*store.Store, error) {
	setting, holds := sqldb.OfRecord, cfg.DatabaseURL
	if cfg.AccountsURL != "" {
		setting, holds = sqldb.OfAccounts, cfg.AccountsURL
	}
	if err := refuseMissing(setting, holds); err != nil && !cfg.Builtin {
		return nil, fmt.Errorf("%w, but with RESETD_ACCOUNTS an application's accounts must be in it", err)
	}
	return store.OpenApart(cfg.DatabaseURL, cfg.AccountsURL, cfg.Accounts)
}

// refuseMissing returns an error if the database of a setting is a file that does not
// exist.
func refuseMissing(setting, databaseURL string) error {
	path, lite := strings.CutPrefix(databaseURL, "sqlite:")
	if _, err := os.Stat(path); lite && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %s does not exist", setting, path)
	}
	return nil
}
