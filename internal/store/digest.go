package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"resetd/migrations"
)

// ErrOtherBuild: the tables were made by a build of resetd whose schema differs.
// Before the first release there are no migrations between builds.
var ErrOtherBuild = errors.New("the database has the tables of another build of resetd, which can't be migrated: " +
	"drop them, or set RESETD_DATABASE_URL to a database without them (for the demo: `make clean`)")

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
	taken, err := s.tablesOf(ctx, of)
	if err == nil && len(taken) > 0 {
		return fmt.Errorf("the database has tables of another application under names that resetd needs: %s", strings.Join(taken, ", "))
	}
	return err
}

// tablesOf returns the tables of a set that exist.
func (s *Store) tablesOf(ctx context.Context, of migrations.Set) ([]string, error) {
	var names []string
	err := s.List(ctx, &names, s.Dialect.Tables)
	return of.TablesIn(names), err
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
