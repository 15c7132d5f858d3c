package bounce

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func maildir(t *testing.T, names ...string) Maildir {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"new", "cur", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, "new", name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Maildir(dir)
}

func (m Maildir) names(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(string(m), folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestMessagesMoveFromNewToCur(t *testing.T) {
	m := maildir(t, "1.a.host", "2.b.host", ".hidden")
	err := m.Each(func(f *os.File) (bool, error) {
		text, err := io.ReadAll(f)
		return string(text) == "1.a.host", err
	})
	if got, want := m.names(t, "cur"), []string{"1.a.host:2,S", "2.b.host:2,"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
}

func TestMessageStaysAfterAnError(t *testing.T) {
	m := maildir(t, "1", "2", "3")
	failed := errors.New("no database")
	err := m.Each(func(f *os.File) (bool, error) {
		if strings.HasSuffix(f.Name(), "2") {
			return false, failed
		}
		return true, nil
	})
	if !errors.Is(err, failed) || !slices.Equal(m.names(t, "new"), []string{"2", "3"}) {
		t.Errorf("got %v, left %v", err, m.names(t, "new"))
	}
}

func TestSeveralProcessesShareAMaildir(t *testing.T) {
	var names []string
	for _, c := range "abcdefghijklmnopqrstuvwxyz" {
		names = append(names, string(c))
	}
	m := maildir(t, names...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := m.Each(func(*os.File) (bool, error) { return true, nil }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := m.names(t, "cur"); len(got) != len(names) {
		t.Errorf("%d of %d messages are in cur", len(got), len(names))
	}
}

func TestFolderMustBeAMaildir(t *testing.T) {
	if err := Maildir(t.TempDir()).Check(); err == nil {
		t.Error("an empty folder is accepted")
	}
}
