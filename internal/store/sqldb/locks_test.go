package sqldb_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"resetd/internal/store/sqldb"
)

// A service that reads its settings again opens its database a second time. The first
// pool keeps its lock: otherwise a program that closes the same file (an application
// beside resetd, sqlite3) removes the log in which the service goes on writing.
func TestSecondPoolKeepsTheLockOfTheFirst(t *testing.T) {
	const name = "RESETD_TEST_FILE_OF_ANOTHER_PROCESS"
	if file := os.Getenv(name); file != "" {
		failIfUnlocked(t, file)
		return
	}
	file := filepath.Join(t.TempDir(), "resetd.db")
	for range 2 {
		pool, err := sqldb.Open("sqlite:" + file)
		must(t, err)
		defer func() { _ = pool.Close() }()
		if _, err := pool.SQL().Exec(`CREATE TABLE IF NOT EXISTS numbers (n INTEGER)`); err != nil {
			t.Fatal(err)
		}
	}
	other := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$") // a process does not see its own locks
	other.Env = append(os.Environ(), name+"="+file)
	if out, err := other.CombinedOutput(); err != nil {
		t.Errorf("in another process: %v\n%s", err, out)
	}
}

// failIfUnlocked looks at the bytes that SQLite locks while it uses a file
// (https://www.sqlite.org/src/file/src/os.h, SHARED_FIRST and SHARED_SIZE).
func failIfUnlocked(t *testing.T, file string) {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	must(t, err)
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Start: 0x40000002, Len: 510}
	must(t, syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock))
	if lock.Type == syscall.F_UNLCK {
		t.Error("nobody holds the lock of the database in use")
	}
}
