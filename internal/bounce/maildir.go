package bounce

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Maildir is a folder of messages (https://cr.yp.to/proto/maildir.html).
type Maildir string

// Check returns an error if it is no Maildir.
func (m Maildir) Check() error {
	for _, folder := range []string{"new", "cur"} {
		if info, err := os.Stat(filepath.Join(string(m), folder)); err != nil || !info.IsDir() {
			return fmt.Errorf("%s is no Maildir: it has no folder %s that can be read", m, folder)
		}
	}
	return nil
}

// Each calls handle for each message in new, oldest first, and then moves the message to
// cur; as seen, if handle returns true. A message stays in new if handle returns an error,
// so it is handled again: handle must have the same effect twice. The same holds if two
// processes read the folder. Each ends with the first error of handle.
func (m Maildir) Each(handle func(*os.File) (seen bool, err error)) error {
	entries, err := os.ReadDir(filepath.Join(string(m), "new"))
	if err != nil {
		return err
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) }) // names begin with the time
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := m.one(e.Name(), handle); err != nil {
			return err
		}
	}
	return nil
}

func (m Maildir) one(name string, handle func(*os.File) (bool, error)) error {
	path := filepath.Join(string(m), "new", name)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process has moved it
	}
	if err != nil {
		return err
	}
	seen, err := handle(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	base, _, _ := strings.Cut(name, ":")
	flags := ":2,"
	if seen {
		flags += "S"
	}
	err = os.Rename(path, filepath.Join(string(m), "cur", base+flags))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
