package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"resetd/internal/store/sqldb"
	"resetd/migrations"
)

// ErrNewer: the database has migrations of a newer resetd. This binary does not
// know its tables.
var ErrNewer = errors.New("the database is newer than this binary: run the newer resetd, or its `migrate down` first")

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

// Reverted is what MigrateDown removed: a migration and its tables.
type Reverted struct {
	File   string
	Tables []string
}

// MigrateDown reverts the newest migration. It starts with the tables of the
// built-in accounts, because they depend on the others.
func (s *Store) MigrateDown(ctx context.Context, builtin bool) (gone Reverted, err error) {
	newestFirst := migrations.Sets(builtin)
	slices.Reverse(newestFirst)
	err = s.migrating(ctx, newestFirst, func(p *goose.Provider, of migrations.Set) error {
		if gone.File != "" {
			return nil
		}
		return s.alone(ctx, func() (err error) {
			gone, err = s.down(ctx, p, of)
			return err
		})
	})
	if err == nil && gone.File == "" {
		err = errors.New("migrate: there is no migration to revert")
	}
	return gone, err
}

// down reverts the newest migration of a set, if there is one.
func (s *Store) down(ctx context.Context, p *goose.Provider, of migrations.Set) (gone Reverted, err error) {
	version, err := p.GetDBVersion(ctx)
	if err != nil || version == 0 {
		return gone, err
	}
	before, err := s.tablesOf(ctx, of)
	if err != nil {
		return gone, err
	}
	reverted, err := p.Down(ctx)
	if err != nil {
		return gone, err
	}
	after, err := s.tablesOf(ctx, of)
	removed := slices.DeleteFunc(before, func(table string) bool { return slices.Contains(after, table) })
	return Reverted{path.Join(of.Folder, reverted.Source.Path), removed}, err
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
			return explained(err)
		}
		if err := f(p, of); err != nil {
			return explained(err)
		}
	}
	return nil
}

// explained adds what to do to an error of the database. Other errors contain it.
func explained(err error) error {
	translated := sqldb.Translate(err)
	if translated.Error() == err.Error() {
		return fmt.Errorf("migrate: %w", err)
	}
	return fmt.Errorf("migrate: %w; run `resetd check`, which prints what to do", translated)
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
