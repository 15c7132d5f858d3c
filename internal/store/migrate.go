package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"resetd/internal/store/sqldb"
	"resetd/migrations"
)

// ErrNewer: the database has migrations of a newer resetd. This binary does not
// know its tables.
var ErrNewer = errors.New("the database is newer than this binary: run the newer resetd, or its `migrate down` first")

// ErrOtherBuild: the tables were made by a build of resetd whose schema differs.
// Before the first release there are no migrations between builds.
var ErrOtherBuild = errors.New("the database has the tables of another build of resetd, which can't be migrated: " +
	"drop them, or set RESETD_DATABASE_URL to a database without them (for the demo: `make clean`)")

// Migration is one file and whether it is in the database.
type Migration struct {
	File    string
	Applied bool
}

// MigrateUp brings the tables up to date. If several processes call it at the same
// time, one works and the others wait.
func (s *Store) MigrateUp(ctx context.Context, builtin bool) error {
	if err := s.MakeSchema(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return s.migrating(ctx, migrations.Sets(builtin), func(p *goose.Provider, of migrations.Set) error {
		pending, err := p.HasPending(ctx)
		if err != nil || !pending {
			return err
		}
		return s.alone(ctx, func() error {
			if err := s.refuseTaken(ctx, p, of); err != nil {
				return err
			}
			_, err := p.Up(ctx) // looks again what is pending
			return err
		})
	})
}

// MigrateDown reverts the newest migration. It starts with the tables of the
// built-in accounts, because they depend on the others.
func (s *Store) MigrateDown(ctx context.Context, builtin bool) error {
	newestFirst, down := migrations.Sets(builtin), false
	slices.Reverse(newestFirst)
	err := s.migrating(ctx, newestFirst, func(p *goose.Provider, _ migrations.Set) error {
		if down {
			return nil
		}
		return s.alone(ctx, func() error {
			version, err := p.GetDBVersion(ctx)
			if err == nil && version > 0 {
				down = true
				_, err = p.Down(ctx)
			}
			return err
		})
	})
	if err == nil && !down {
		return errors.New("migrate: there is no migration to revert")
	}
	return err
}

// MigrateStatus lists all migrations, oldest first.
func (s *Store) MigrateStatus(ctx context.Context, builtin bool) (all []Migration, err error) {
	err = s.migrating(ctx, migrations.Sets(builtin), func(p *goose.Provider, of migrations.Set) error {
		status, err := p.Status(ctx)
		for _, m := range status {
			all = append(all, Migration{path.Join(of.Folder, m.Source.Path), m.State == goose.StateApplied})
		}
		return err
	})
	return all, err
}

// UpToDate returns an error with advice unless the database has exactly the
// migrations of this binary.
func (s *Store) UpToDate(ctx context.Context, builtin bool) error {
	return s.migrating(ctx, migrations.Sets(builtin), func(p *goose.Provider, _ migrations.Set) error {
		pending, err := p.HasPending(ctx)
		if err == nil && pending {
			return errors.New("the database is not up to date: run `resetd migrate up`")
		}
		return err
	})
}

// migrating calls f for each set. Before, it checks that this binary
// knows the database's tables.
func (s *Store) migrating(ctx context.Context, all []migrations.Set, f func(*goose.Provider, migrations.Set) error) error {
	unlock, err := s.lockFile(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.RefuseSchema(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	for _, of := range all {
		p, err := s.provider(of)
		if err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
		if err := s.refuseUnknown(ctx, p, of); err != nil {
			return fmt.Errorf("migrate: %w", sqldb.Translate(err))
		}
		if err := f(p, of); err != nil {
			return fmt.Errorf("migrate: %w", sqldb.Translate(err))
		}
	}
	return nil
}

func (s *Store) provider(of migrations.Set) (*goose.Provider, error) {
	folder, err := fs.Sub(migrations.FS, path.Join(s.Dialect.Migrations, of.Folder))
	if err != nil {
		return nil, err
	}
	versions, err := database.NewStore(s.Dialect.Goose, of.Versions)
	if err != nil {
		return nil, err
	}
	files, err := of.Files(s.Dialect.Migrations)
	if err != nil {
		return nil, err
	}
	options := []goose.ProviderOption{goose.WithStore(digestStore{versions, files}), goose.WithDisableGlobalRegistry(true)}
	return goose.NewProvider("", s.pool.SQL(), folder, options...)
}

// refuseUnknown returns an error unless the binary knows the existing tables.
func (s *Store) refuseUnknown(ctx context.Context, p *goose.Provider, of migrations.Set) error {
	current, target, err := p.GetVersions(ctx)
	if err != nil || current == 0 {
		return err
	}
	var names []string
	if err := s.List(ctx, &names, s.Dialect.Tables); err != nil {
		return err
	}
	same, err := s.SameSchema(ctx, of, names)
	switch {
	case err != nil:
		return err
	case !same:
		return ErrOtherBuild
	case current > target:
		return ErrNewer
	default:
		return nil
	}
}

// refuseTaken returns an error that lists all existing tables with the names of
// ours. It runs before the first table is created.
func (s *Store) refuseTaken(ctx context.Context, p *goose.Provider, of migrations.Set) error {
	version, err := p.GetDBVersion(ctx)
	if err != nil || version > 0 {
		return err
	}
	var names, taken []string
	if err := s.List(ctx, &names, s.Dialect.Tables); err != nil {
		return err
	}
	for _, ours := range of.Tables {
		if slices.Contains(names, ours) {
			taken = append(taken, ours)
		}
	}
	if len(taken) > 0 {
		return fmt.Errorf("the database has tables of another application under names that resetd needs: %s", strings.Join(taken, ", "))
	}
	return nil
}

// digestStore is goose's table of versions. It also stores the digest of each
// schema file, in the transaction that runs the file.
type digestStore struct {
	database.Store
	files []migrations.File
}

// Insert implements database.Store. Version 0 is goose's own row.
func (s digestStore) Insert(ctx context.Context, db database.DBTxConn, req database.InsertRequest) error {
	err := s.Store.Insert(ctx, db, req)
	for _, f := range s.files {
		if err == nil && f.Version == req.Version {
			_, err = db.ExecContext(ctx, `
				INSERT INTO reset_schema (file, digest) VALUES ($1, $2)
				ON CONFLICT (file) DO UPDATE SET digest = excluded.digest`, f.Name, f.Digest)
		}
	}
	return err
}
