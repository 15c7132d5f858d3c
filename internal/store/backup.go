package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ErrNoFile: the database is not a file that can be copied.
var ErrNoFile = errors.New("only an SQLite database is a file: use pg_dump or a base backup of PostgreSQL")

// Backup copies a running SQLite database to a new file, as it is at one moment. The
// copy needs no log beside it. It never overwrites a file, so it can't copy the
// database onto itself.
func (s *Store) Backup(ctx context.Context, file string) error {
	if s.pool.File == "" {
		return ErrNoFile
	}
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s exists: name a new file", file)
	}
	// The copy gets its name when it is complete and on the disk. VACUUM INTO writes to
	// an empty file, which is created here, because SQLite would make it readable for
	// everybody.
	part, err := os.OpenFile(file+".part", os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s.part exists: a backup to this file is running or was interrupted; remove it, or name another file", file)
	case err != nil:
		return fmt.Errorf("%w; name a file in a folder that this user may write to", err)
	}
	defer func() { _ = part.Close(); _ = os.Remove(part.Name()) }()
	if _, err := s.pool.SQL().ExecContext(ctx, `VACUUM INTO $1`, part.Name()); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := os.Link(part.Name(), file); err != nil { // unlike a rename, it refuses an existing file
		return fmt.Errorf("%w; name a new file on a disk with hard links", err)
	}
	return syncFolder(filepath.Dir(file))
}

func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }()
	return folder.Sync()
}
