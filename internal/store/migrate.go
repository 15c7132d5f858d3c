package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"resetd/migrations"
)

// ErrNewer: the database has migrations that this binary does not know. A
// newer resetd ran on it; this one would not understand its tables.
var ErrNewer = errors.New("the database is newer than this binary: run the newer resetd, or its `migrate down` first")

// lockPoll is how often a waiting process looks whether the lock is free.
const lockPoll = 20 * time.Millisecond

// set is one series of migrations with a version table of its own.
type set struct {
	folder string // below the dialect's
	table  string // of versions
	tables []string
}

var (
	mainSet    = set{".", "reset_schema_version", []string{"password_resets", "reset_deliveries", "reset_events", "reset_sessions", "reset_limits", "reset_days", "reset_addresses", "reset_staff", "reset_staff_sessions", "reset_audit"}}
	builtinSet = set{"builtin", "reset_builtin_schema_version", []string{"users", "reset_signups"}}
)

// Migration is one file and whether it is in the database.
type Migration struct {
	File    string
	Applied bool
}

// sets are the series that this installation needs; the accounts' own table
// only where resetd keeps the accounts.
func sets(builtin bool) []set {
	if builtin {
		return []set{mainSet, builtinSet}
	}
	return []set{mainSet}
}

// MigrateUp brings the tables up to date. Any number of processes may call it at
// the same time: one works, the others wait.
func (s *Store) MigrateUp(ctx context.Context, builtin bool) error {
	if err := s.makeSchema(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return s.migrating(ctx, builtin, func(p *goose.Provider, of set) error {
		if err := s.refuseTaken(ctx, p, of); err != nil {
			return err
		}
		if err := s.dropEarlyColumn(ctx, p); err != nil {
			return err
		}
		_, err := p.Up(ctx)
		return err
	})
}

// beforeServer is the last version before the migration that adds last_server.
const beforeServer = 8

// dropEarlyColumn makes room for that migration in databases whose tables an early
// build made with the column in them: SQLite can't add it only where it is missing.
func (s *Store) dropEarlyColumn(ctx context.Context, p *goose.Provider) error {
	if version, err := p.GetDBVersion(ctx); err != nil || version != beforeServer {
		return err
	}
	if _, err := s.exec(ctx, `SELECT last_server FROM reset_deliveries LIMIT 0`); err != nil {
		return nil //nolint:nilerr // it is not there, which is as it should be
	}
	_, err := s.exec(ctx, `ALTER TABLE reset_deliveries DROP COLUMN last_server`)
	return err
}

// MigrateDown takes back the newest migration of the main tables.
func (s *Store) MigrateDown(ctx context.Context) error {
	return s.migrating(ctx, false, func(p *goose.Provider, _ set) error {
		_, err := p.Down(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return errors.New("there is no migration to take back")
		}
		return err
	})
}

// MigrateStatus lists all migrations, oldest first.
func (s *Store) MigrateStatus(ctx context.Context, builtin bool) (all []Migration, err error) {
	err = s.migrating(ctx, builtin, func(p *goose.Provider, of set) error {
		status, err := p.Status(ctx)
		for _, m := range status {
			file := strings.TrimPrefix(of.folder+"/"+m.Source.Path, "./")
			all = append(all, Migration{file, m.State == goose.StateApplied})
		}
		return err
	})
	return all, err
}

// UpToDate returns an error that says what to do unless the database has just
// the migrations that the binary has.
func (s *Store) UpToDate(ctx context.Context, builtin bool) error {
	return s.migrating(ctx, builtin, func(p *goose.Provider, _ set) error {
		pending, err := p.HasPending(ctx)
		if err == nil && pending {
			return errors.New("the database is not up to date: run `resetd migrate up`")
		}
		return err
	})
}

// migrating calls f for each set, under a lock, once it is sure that the
// database is not newer than the binary.
func (s *Store) migrating(ctx context.Context, builtin bool, f func(*goose.Provider, set) error) error {
	unlock, err := s.lockFile(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.refuseSchema(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, of := range sets(builtin) {
		p, err := s.provider(of)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if err := refuseNewer(ctx, p); err != nil {
			return fmt.Errorf("migrate: %w", translate(err))
		}
		if err := f(p, of); err != nil {
			return fmt.Errorf("migrate: %w", translate(err))
		}
	}
	return nil
}

func (s *Store) provider(of set) (*goose.Provider, error) {
	files, err := fs.Sub(migrations.FS, s.dialect.migrations+"/"+of.folder)
	if of.folder == "." {
		files, err = fs.Sub(migrations.FS, s.dialect.migrations)
	}
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithTableName(of.table), goose.WithDisableGlobalRegistry(true)}
	if s.dialect == &onPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(s.dialect.goose, s.pool.DB, files, options...)
}

// lockFile keeps other processes off an SQLite database, for which goose has no
// lock.
func (s *Store) lockFile(ctx context.Context) (unlock func(), err error) {
	if s.file == "" {
		return func() {}, nil
	}
	l := flock.New(s.file+".lock", flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("migrate: lock %s: %w", s.file, err)
	}
	return func() { _ = l.Unlock() }, nil
}

func refuseNewer(ctx context.Context, p *goose.Provider) error {
	current, target, err := p.GetVersions(ctx)
	if err == nil && current > target {
		return ErrNewer
	}
	return err
}

// refuseTaken names the tables that stand where ours would be made, before any
// is made.
func (s *Store) refuseTaken(ctx context.Context, p *goose.Provider, of set) error {
	version, err := p.GetDBVersion(ctx)
	if err != nil || version > 0 {
		return err
	}
	var names, taken []string
	if err := s.list(ctx, &names, s.dialect.tables); err != nil {
		return err
	}
	for _, ours := range of.tables {
		if slices.Contains(names, ours) {
			taken = append(taken, ours)
		}
	}
	if len(taken) > 0 {
		return fmt.Errorf("the database has tables of another application under names that resetd needs: %s", strings.Join(taken, ", "))
	}
	return nil
}
