package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"resetd/internal/store"
	"resetd/internal/testkit"
)

// The copy has everything that was committed before, although others write meanwhile.
func TestBackupOfARunningDatabase(t *testing.T) {
	s := testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}.Open(t)
	for i := range 50 {
		testkit.AddUser(t, s, fmt.Sprintf("before%d@example.org", i), testkit.PasswordHash)
	}
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			_ = s.AddUsers(t.Context(), nil)
			_, _ = s.NoteKeys(t.Context(), []string{fmt.Sprint(i)}, testkit.NewClock().Now())
		}
	})
	file := filepath.Join(t.TempDir(), "copy.db")
	err := s.Backup(t.Context(), file)
	stop()
	writing.Wait()
	must(t, err)
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	saved := testkit.Database{Name: "sqlite", URL: "sqlite:" + file}
	if got := saved.Text(t, `SELECT count(*) FROM users`); got != "50" {
		t.Errorf("%s accounts in the copy, want 50", got)
	}
	if got := saved.Text(t, `SELECT integrity_check FROM pragma_integrity_check`); got != "ok" {
		t.Errorf("integrity: %s", got)
	}
}

// A folder that cannot be used is no file that exists.
func TestBackupNamesAFolderThatCannotBeUsed(t *testing.T) {
	s := testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}.Open(t)
	folder := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(folder, nil, 0o600))
	err := s.Backup(t.Context(), filepath.Join(folder, "copy.db"))
	if err == nil || strings.Contains(err.Error(), "exists") || !strings.Contains(err.Error(), "name a file in a folder") {
		t.Errorf("got %v, want the advice to name another folder", err)
	}
}

func TestOnlyFilesAreBackedUp(t *testing.T) {
	s := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}.Open(t)
	if err := s.Backup(t.Context(), filepath.Join(t.TempDir(), "copy")); !errors.Is(err, store.ErrNoFile) {
		t.Errorf("got %v, want ErrNoFile", err)
	}
}
