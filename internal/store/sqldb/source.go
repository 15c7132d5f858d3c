package sqldb

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// connectTimeout is in seconds.
const connectTimeout = "5"

func source(databaseURL string) (d *Dialect, dsn, file string, err error) {
	scheme, rest, _ := strings.Cut(databaseURL, ":")
	switch scheme {
	case "sqlite":
		dsn, err = sqliteDSN(rest)
		return &SQLite, dsn, rest, err
	case "postgres", "postgresql":
		dsn, err = postgresDSN(databaseURL)
		return &Postgres, dsn, "", err
	default:
		return nil, "", "", errors.New("store: a database's URL begins with sqlite: or postgres://")
	}
}

func sqliteDSN(path string) (string, error) {
	if path == "" {
		return "", errors.New("store: sqlite: needs a path")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	// The file is created here, because SQLite would make it readable for everybody.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	_ = f.Close()
	options := url.Values{
		"_txlock":      {"immediate"}, // otherwise a transaction that reads first and then writes fails if another one writes
		"_time_format": {"sqlite"},
		"_timezone":    {"UTC"},
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "foreign_keys(1)",
			"synchronous(FULL)", // a commit is on disk before the client gets its answer
		},
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + options.Encode(), nil
}

// postgresDSN adds the parameters that must not depend on the environment.
func postgresDSN(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", errors.New("store: the database's URL can't be read")
	}
	q := u.Query()
	for name, value := range map[string]string{
		"binary_parameters": "yes", // one round trip per query, and safe behind a pooler
		"connect_timeout":   connectTimeout,
		"sslmode":           sslMode(u.Hostname(), q.Get("host")),
		"application_name":  "resetd",
	} {
		if !q.Has(name) {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// sslMode returns "disable" for a server on this machine. Any other server must
// prove its name.
func sslMode(host, socket string) string {
	switch {
	case strings.HasPrefix(socket, "/"), host == "localhost", host == "127.0.0.1", host == "::1":
		return "disable"
	default:
		return "verify-full"
	}
}

// OpenUnchanged opens a database like Open and with the same connection settings,
// but makes no lasting change: it neither creates the file nor sets its journal. It
// always connects with a short timeout, because the driver ignores the context while it
// connects.
func OpenUnchanged(databaseURL string) (*Pool, error) {
	d, dsn, path, err := source(databaseURL)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, errors.New("store: the database's URL can't be read") // the error contains the password
	}
	options := u.Query()
	if path == "" {
		options.Set("connect_timeout", connectTimeout)
	} else {
		options.Set("mode", "rw") // not rwc, which would create a missing file
		options["_pragma"] = slices.DeleteFunc(options["_pragma"], func(p string) bool { return strings.HasPrefix(p, "journal_mode") })
	}
	u.RawQuery = options.Encode()
	return open(d, u.String(), path)
}
