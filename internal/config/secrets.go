package config

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"resetd/internal/reset"
)

// ReadSecrets reads each secret from its variable, or from the file that its variable
// with the suffix _FILE names. Setting both is an error.
func ReadSecrets(getenv func(string) string) (Secrets, error) {
	var s Secrets
	var problems []error
	for _, v := range secretVariables {
		value, err := readSecret(getenv, v.name)
		if err != nil {
			problems, s.unread = append(problems, err), append(s.unread, v.name)
		}
		*v.of(&s) = cmp.Or(value, v.preset)
	}
	return s, errors.Join(problems...)
}

// CopyTo returns the target of resetd copy; empty if it is not set.
func CopyTo(getenv func(string) string) (string, error) { return readSecret(getenv, copyToVariable) }

// copyToVariable names a secret of one command, which is in no file of settings.
const copyToVariable = "RESETD_COPY_TO"

func readSecret(getenv func(string) string, name string) (string, error) {
	value, file := getenv(name), getenv(name+"_FILE")
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", fmt.Errorf("%s: set either it or %s_FILE", name, name)
	}
	text, err := readText(file)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w; correct the path, or let resetd's user read the file", name, err)
	}
	if value = strings.TrimSpace(text); value == "" {
		return "", fmt.Errorf("%s_FILE: %s is empty; write the value into it, or unset %s_FILE", name, file, name)
	}
	return value, nil
}

// readText reads a file without the mark (U+FEFF) that some editors write at its beginning.
func readText(file string) (string, error) {
	text, err := os.ReadFile(file)
	return strings.TrimPrefix(string(text), "\ufeff"), err
}

// parseKeys parses keys in base64, with or without padding, separated by commas, blanks
// or line ends. Its errors do not contain the keys.
func parseKeys(text string) (reset.Keys, error) {
	var keys [][]byte
	for _, part := range SplitKeys(text) {
		part = strings.NewReplacer("-", "+", "_", "/", "=", "").Replace(part)
		key, err := base64.RawStdEncoding.DecodeString(part)
		if err != nil {
			return reset.Keys{}, errors.New("a key is not base64; make one with: openssl rand -base64 32")
		}
		if len(key) < reset.MinKeyBytes {
			return reset.Keys{}, fmt.Errorf("a key has %d of the %d bytes that it needs; make one with: openssl rand -base64 32", len(key), reset.MinKeyBytes)
		}
		keys = append(keys, key)
	}
	return reset.NewKeys(keys...)
}

// SplitKeys splits a list of keys at commas, blanks and line ends.
func SplitKeys(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// KeyFile returns the path of the key file of an SQLite database.
func KeyFile(database string) string {
	return strings.TrimSuffix(database, filepath.Ext(database)) + ".key"
}

// KeyBeside returns the key in the file beside an SQLite database. If there is no
// file, it creates one with mode 0600 and a new key. If several processes start at the
// same time, all get the same key.
func KeyBeside(database string) (reset.Keys, error) {
	path := KeyFile(database)
	text, err := readText(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(path); err != nil {
			return reset.Keys{}, fmt.Errorf("make %s: %w", path, err)
		}
		text, err = readText(path)
	}
	if err != nil {
		return reset.Keys{}, fmt.Errorf("read the secret key: %w", err)
	}
	keys, err := parseKeys(text)
	if err != nil {
		return reset.Keys{}, fmt.Errorf("%s: %w", path, err)
	}
	return keys, nil
}

// makeKey writes the key to a temporary file and then links it to its name. The first
// process to link wins, and no process reads an incomplete key.
func makeKey(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	key := make([]byte, reset.MinKeyBytes)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// SigningKeys returns the keys of the settings or, with SQLite, the key beside the
// database.
func (c Config) SigningKeys() (reset.Keys, error) {
	if c.Keys != nil {
		return *c.Keys, nil
	}
	return KeyBeside(strings.TrimPrefix(c.DatabaseURL, "sqlite:"))
}
