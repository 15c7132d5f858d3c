package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
)

// installFolders are the folders outside of PATH where packages install PostgreSQL:
// Debian, Homebrew on Apple silicon, Homebrew on Intel.
var installFolders = []string{
	"/usr/lib/postgresql/*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// errNoServer: PostgreSQL is not installed.
var errNoServer = errors.New("PostgreSQL server programs (initdb, postgres) not found in PATH, " +
	"in /usr/lib/postgresql or from Homebrew")

// Programs returns the folder with initdb and postgres.
func Programs() (string, error) {
	var dirs []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.Abs(initdb); err == nil {
			dirs = append(dirs, filepath.Dir(initdb))
		}
	}
	for _, pattern := range installFolders {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		dirs = append(dirs, newestFirst(found)...)
	}
	i := slices.IndexFunc(dirs, hasServer)
	if i < 0 {
		return "", errNoServer
	}
	return dirs[i], nil
}

func hasServer(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

var versionInPath = regexp.MustCompile(`postgresql[/@](\d+)`)

// newestFirst sorts by the number of the major version: 17 before 9.6. Paths without a
// version come last.
func newestFirst(dirs []string) []string {
	version := func(dir string) int {
		m := versionInPath.FindStringSubmatch(dir)
		if m == nil {
			return 0
		}
		n, _ := strconv.Atoi(m[1]) // digits only
		return n
	}
	slices.SortStableFunc(dirs, func(a, b string) int { return version(b) - version(a) })
	return dirs
}

// serverOwner returns the user that the server runs as: nil for the current user, or
// another user if the current one is root, because PostgreSQL does not run as root.
func serverOwner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(errUID, errGID); err != nil {
			return nil, fmt.Errorf("user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

// give makes the user that serverOwner returns the owner of files.
func give(owner *syscall.Credential, paths ...string) (err error) {
	for _, path := range paths {
		if owner != nil {
			err = errors.Join(err, os.Chown(path, int(owner.Uid), int(owner.Gid)))
		}
	}
	return err
}
