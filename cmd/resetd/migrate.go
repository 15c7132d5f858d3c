package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"resetd/internal/config"
	"resetd/internal/store"
	"resetd/internal/store/sqldb"
	"resetd/internal/words"
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
	return in.withStore(func(s *store.Store, cfg config.Config) error {
		gone, err := s.MigrateDown(in.ctx, cfg.Builtin)
		if gone.File != "" {
			_, _ = fmt.Fprintf(in.stdout, "reverted %s, and removed its tables with all rows: %s\nA backup brings them back: see \"Back up and restore\" in docs/operations.md.\n",
				gone.File, strings.Join(gone.Tables, ", "))
		}
		return err
	})
}

// Run implements resetd migrate status.
func (migrateStatusCmd) Run(in *invocation) error {
	return in.withStore(func(s *store.Store, cfg config.Config) error {
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

// opener opens the configured database: openStore or openExisting.
type opener = func(config.Config) (*store.Store, error)

// preparer makes sure that the tables are up to date, by looking or by migrating.
type preparer = func(s *store.Store, ctx context.Context, builtin bool) error

func (in *invocation) open(open opener, f func(*store.Store, config.Config) error) error {
	cfg, err := in.config()
	if err != nil {
		return err
	}
	unset := in.getenv("RESETD_DATABASE_URL") == "" && in.getenv("RESETD_DATABASE_URL_FILE") == ""
	if unset && refuseMissing(sqldb.OfRecord, cfg.DatabaseURL) != nil {
		defer in.sayIfMade(cfg.DatabaseURL)
	}
	s, err := open(cfg)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := in.reach(s); err != nil {
		return err
	}
	s.Waiting = func() { _, _ = fmt.Fprintln(in.stderr, "resetd:", waitingLine) }
	return f(s, cfg)
}

// sayIfMade tells an operator who forgot the settings of the service that this command
// has made a database of its own.
func (in *invocation) sayIfMade(databaseURL string) {
	if refuseMissing(sqldb.OfRecord, databaseURL) == nil {
		_, _ = fmt.Fprintf(in.stderr, "resetd: RESETD_DATABASE_URL is not set, so this made a new database: %s\n", strings.TrimPrefix(databaseURL, "sqlite:"))
	}
}

// reachTimeout is how long a command waits for the database server's first answer.
const reachTimeout = 15 * time.Second

// reach returns why a database server does not answer, in the driver's words: host, port,
// user or database may be wrong.
func (in *invocation) reach(s *store.Store) error {
	if !s.Dialect.OwnConns {
		return nil // SQLite has no server
	}
	ctx, cancel := context.WithTimeout(in.ctx, reachTimeout)
	defer cancel()
	err := s.Pool().Ping(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && in.ctx.Err() == nil:
		return fmt.Errorf("RESETD_DATABASE_URL: no answer within %s; check host and port, and the firewalls on the way", words.Span(reachTimeout))
	default:
		return aboutDatabase(err)
	}
}

// aboutDatabase names the setting, unless the error does.
func aboutDatabase(err error) error {
	if _, named := errors.AsType[*sqldb.PathError](err); named {
		return err
	}
	return fmt.Errorf("RESETD_DATABASE_URL: the database can't be used: %w", err)
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
	return store.OpenWithAccounts(cfg.DatabaseURL, cfg.AccountsURL, cfg.Accounts)
}

// openExisting opens the configured database and never creates a file.
func openExisting(cfg config.Config) (*store.Store, error) {
	if err := refuseMissingRecord(cfg); err != nil {
		return nil, err
	}
	return store.OpenWithAccounts(cfg.DatabaseURL, cfg.AccountsURL, cfg.Accounts)
}

// refuseMissingRecord is for those who must not create the record's database.
func refuseMissingRecord(cfg config.Config) error {
	if err := refuseMissing(sqldb.OfRecord, cfg.DatabaseURL); err != nil {
		return fmt.Errorf("%w; correct the path, or create the database with resetd migrate up", err)
	}
	return nil
}

// refuseMissing returns an error if the database of a setting is a file that does not
// exist.
func refuseMissing(setting, databaseURL string) error {
	path, lite := strings.CutPrefix(databaseURL, "sqlite:")
	if _, err := os.Stat(path); lite && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %s does not exist%s", setting, path, sqldb.InFolder(path))
	}
	return nil
}
