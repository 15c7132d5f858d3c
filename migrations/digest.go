package migrations

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Set is a series of schema files with a separate version table.
type Set struct {
	Folder   string // below the dialect's folder
	Versions string // table of versions
	Tables   []string
}

// TablesIn returns the tables of the set that are among some names.
func (s Set) TablesIn(names []string) (found []string) {
	for _, table := range s.Tables {
		if slices.Contains(names, table) {
			found = append(found, table)
		}
	}
	return found
}

// The sets: the tables of every installation, and those of built-in accounts.
var (
	Main = Set{".", "reset_schema_version", []string{
		"password_resets", "reset_deliveries", "reset_events", "reset_audit", "reset_purge", "reset_hours",
		"reset_sessions", "reset_limits", "reset_claims", "reset_checks", "reset_staff", "reset_staff_sessions", "reset_keys", "reset_schema",
	}}
	Builtin = Set{"builtin", "reset_builtin_schema_version", []string{"users", "reset_signups"}}
)

// Sets returns the sets of an installation, in the order in which they are applied.
func Sets(builtin bool) []Set {
	if builtin {
		return []Set{Main, Builtin}
	}
	return []Set{Main}
}

// File is a schema file: its version, its name below the dialect's folder, and the
// SHA-256 digest of its text, in hexadecimal.
type File struct {
	Version      int64
	Name, Digest string
}

// Files lists the files of a set for a dialect, oldest first.
func (s Set) Files(dialect string) ([]File, error) {
	paths, err := fs.Glob(FS, path.Join(dialect, s.Folder, "*.sql")) // sorted by name
	if err != nil {
		return nil, err
	}
	files := make([]File, len(paths))
	for i, p := range paths {
		digits, _, _ := strings.Cut(path.Base(p), "_")
		version, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("migrations: %s: %w", p, err)
		}
		text, err := fs.ReadFile(FS, p)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		files[i] = File{version, path.Join(s.Folder, path.Base(p)), hex.EncodeToString(sum[:])}
	}
	return files, nil
}
