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

// installs are the places where packages put PostgreSQL outside of PATH:
// Debian's, and Homebrew's on either kind of Mac.
var installs = []string{
	"/usr/lib/postgresql/*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// ErrNoServer is the error of Programs and Start where PostgreSQL is not installed.
var ErrNoServer = errors.New("no PostgreSQL server programs (initdb, postgres) in PATH, " +
	"in /usr/lib/postgresql or from Homebrew")

// Programs returns the folder that holds initdb and postgres.
func Programs() (string, error) {
	var dirs []string
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.Abs(initdb); err == nil {
			dirs = append(dirs, filepath.Dir(initdb))
		}
	}
	for _, pattern := range installs {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		dirs = append(dirs, newestFirst(found)...)
	}
	i := slices.IndexFunc(dirs, hasServer)
	if i < 0 {
		return "", ErrNoServer
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

// newestFirst sorts by major version, as a number: 17 before 9.6. A path
// without a version comes last.
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

// serverOwner is the user that the server runs as: the current one, except
// that PostgreSQL refuses to run as root.
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
