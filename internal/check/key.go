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
	"resetd/internal/reset"
)

// key checks the keys that sign links.
func (i *inspection) key(ctx context.Context) results {
	if i.SecretKey == "" {
		return i.keyFile(ctx)
	}
	keys := config.SplitKeys(i.SecretKey)
	switch {
	case !looksRandom(keys):
		return wrong("RESETD_SECRET_KEY contains a key that is not random: anybody who guesses it and can read the record can forge links; generate one with: openssl rand -base64 32")
	case len(keys) == 1:
		return i.compareKeys(ctx, *i.Config.Keys, ok("one key"))
	default:
		return i.compareKeys(ctx, *i.Config.Keys, ok("%d keys: the first one signs, all verify", len(keys)))
	}
}

// compareKeys returns good unless the database was last used with another key.
func (i *inspection) compareKeys(ctx context.Context, keys reset.Keys, good results) results {
	if i.db == nil || i.noKeys {
		return good
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	same, err := i.db.SameKeys(ctx, keys.Fingerprints())
	switch {
	case err != nil:
		return failed(err)
	case !same:
		return wrong("the database was last used with a key that is not listed here, so links made with that key do not work: give all instances the same key, or list the old one after a comma in RESETD_SECRET_KEY")
	default:
		return good
	}
}

// judgeKeyFile takes the access of others away and no more: with 0600, a service that
// reads a file of root through its group could not read it any longer.
func judgeKeyFile(path string) results {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o007 != 0 {
		return note("all users of this machine can read %s (mode %04o); unless it is in a container of its own, run: chmod o= %s (the service's user must own the file or be in its group)", path, info.Mode().Perm(), path)
	}
	return nil
}

// looksRandom rejects keys that somebody typed or copied from an example. They have fewer
// than 16 different bytes, which happens in less than one of 10^12 random keys.
func looksRandom(keys []string) bool {
	for _, text := range keys {
		key, err := base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(strings.TrimSpace(text)))
		seen := map[byte]bool{}
		for _, b := range key {
			seen[b] = true
		}
		if err != nil || len(seen) < 16 {
			return false
		}
	}
	return true
}

// keyFile checks the key file beside an SQLite database.
func (i *inspection) keyFile(ctx context.Context) results {
	database := strings.TrimPrefix(i.Config.DatabaseURL, "sqlite:")
	path := config.KeyFile(database)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return i.missingKey(path)
	case err != nil:
		return wrong("%s; give resetd's user read access", err)
	case info.Mode().Perm()&0o077 != 0:
		return wrong("other users of this machine can read %s (mode %04o); run: chmod 600 %s", path, info.Mode().Perm(), path)
	}
	keys, err := config.KeyBeside(database) // the file exists, so this creates none
	if err != nil {
		return failed(err)
	}
	return i.compareKeys(ctx, keys, ok("only its owner can read %s", path))
}

func (i *inspection) missingKey(path string) results {
	switch err := tryCreate(path); {
	case err != nil:
		return wrong("%s does not exist and can't be created: %s; correct the folder's permissions or set RESETD_SECRET_KEY", path, err)
	case i.db != nil:
		return note("%s does not exist; the next start creates a new key, and links signed with an older key stop working", path)
	default:
		return ok("%s does not exist yet; the first start creates it", path)
	}
}

// tryCreate returns an error if resetd could not create a file at this path. It creates
// a temporary file in the same folder and removes it. If the folder does not exist, it
// uses the nearest parent that exists.
func tryCreate(path string) error {
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
		return fmt.Errorf("can't write to %s", dir)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
