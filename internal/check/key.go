package check

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"resetd/internal/config"
)

// How to make a key.
const makeKey = "make one with: openssl rand -base64 32"

// key looks at the keys that sign links.
func (i *inspection) key(context.Context) []finding {
	if i.SecretKey == "" {
		return []finding{i.keyFile()}
	}
	keys := strings.Split(i.SecretKey, ",")
	for _, text := range keys {
		if !random(text) {
			return []finding{wrong("RESETD_SECRET_KEY holds a key that is not random: whoever guesses it, and sees the record, can make links; " + makeKey)}
		}
	}
	if len(keys) == 1 {
		return []finding{ok("one key")}
	}
	return []finding{ok(fmt.Sprintf("%d keys: the first signs, all verify", len(keys)))}
}

// random refuses what was typed by hand or copied from an example: less than one
// in 10^12 truly random keys has fewer than 16 different bytes.
func random(text string) bool {
	text = strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(strings.TrimSpace(text))
	key, err := base64.RawStdEncoding.DecodeString(text)
	seen := map[byte]bool{}
	for _, b := range key {
		seen[b] = true
	}
	return err == nil && len(seen) >= 16
}

// keyFile looks at the key beside an SQLite database.
func (i *inspection) keyFile() finding {
	database := strings.TrimPrefix(i.Config.DatabaseURL, "sqlite:")
	path := strings.TrimSuffix(database, filepath.Ext(database)) + ".key"
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return i.noKey(path)
	case err != nil:
		return wrong(fmt.Sprintf("%s; let resetd's user read it", err))
	case info.Mode().Perm()&0o077 != 0:
		return wrong(fmt.Sprintf("%s can be read by other users of this machine (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path))
	}
	if _, err := config.KeyBeside(database); err != nil { // it is there, so this makes none
		return wrong(err.Error())
	}
	return ok(path + " can be read by its owner alone")
}

func (i *inspection) noKey(path string) finding {
	switch err := canMakeIn(path); {
	case err != nil:
		return wrong(fmt.Sprintf("%s is not there yet and can't be made: %s; correct the folder's rights, or set RESETD_SECRET_KEY", path, err))
	case i.db != nil:
		return note(path + " is not there: the next start makes a new one, and links made with an older one are dead then")
	default:
		return ok(path + " is not there yet; it will be made at the first start")
	}
}

// canMakeIn tells whether a file could be made at a path, by making another one
// beside it that is gone at once. Of folders that aren't there, the last that
// is decides.
func canMakeIn(path string) error {
	dir := filepath.Dir(path)
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is not a folder", dir)
		}
		if err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || parent == dir {
			return err
		}
		dir = parent
	}
	f, err := os.CreateTemp(dir, ".resetd-check-*")
	if err != nil {
		return fmt.Errorf("nothing can be written to %s", dir)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
