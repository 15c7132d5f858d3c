package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"resetd/migrations"
)

// digest is the name of a schema file and the SHA-256 of its text, in hexadecimal.
type digest struct {
	File   string `db:"file"`
	Digest string `db:"digest"`
}

// digests returns those of a set's files, by version.
func digests(d *dialect, of set) (map[int64]digest, error) {
	folder := path.Join(d.migrations, of.folder)
	files, err := fs.Glob(migrations.FS, folder+"/*.sql")
	if err != nil {
		return nil, err
	}
	all := map[int64]digest{}
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return nil, err
		}
		text, err := fs.ReadFile(migrations.FS, file)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		all[version] = digest{path.Join(of.folder, path.Base(file)), hex.EncodeToString(sum[:])}
	}
	return all, nil
}

// digestStore is goose's table of versions. In the transaction that runs a schema
// file it also stores the file's digest.
type digestStore struct {
	database.Store
	digests map[int64]digest
}

// Insert implements database.Store. Version 0 is goose's own row.
func (s digestStore) Insert(ctx context.Context, db database.DBTxConn, req database.InsertRequest) error {
	if err := s.Store.Insert(ctx, db, req); err != nil || req.Version == 0 {
		return err
	}
	d := s.digests[req.Version]
	_, err := db.ExecContext(ctx, `INSERT INTO reset_schema (file, digest) VALUES ($1, $2) ON CONFLICT (file) DO UPDATE SET digest = excluded.digest`, d.File, d.Digest)
	return err
}

// sameSchema reports whether the tables of a set, which are there, were made by
// the schema files of this binary. Names are the database's tables.
func (q queries) sameSchema(ctx context.Context, of set, names []string) (bool, error) {
	if !slices.Contains(names, "reset_schema") {
		return false, nil
	}
	var stored []digest
	if err := q.list(ctx, &stored, `SELECT file, digest FROM reset_schema`); err != nil {
		return false, err
	}
	made := map[string]string{}
	for _, d := range stored {
		made[d.File] = d.Digest
	}
	ours, err := digests(q.dialect, of)
	for _, d := range ours {
		if by, there := made[d.File]; there && by != d.Digest {
			return false, err
		}
	}
	_, there := made[ours[1].File]
	return there, err
}
