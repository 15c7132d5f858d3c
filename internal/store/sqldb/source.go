package sqldb

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// connectTimeout limits a connection's start, unless the URL sets another limit.
const connectTimeout = 5 * time.Second

// source is where a database is.
type source struct {
	dialect *Dialect
	file    string    // path of an SQLite database
	dsn     string    // of an SQLite database
	server  pq.Config // of PostgreSQL
	mysql   *mysql.Config
}

// parseSource reads the URL in a setting. Its errors name the setting.
func parseSource(databaseURL, setting string) (s source, err error) {
	databaseURL = strings.TrimSpace(databaseURL) // a file ends with a line end
	path, lite := strings.CutPrefix(databaseURL, "sqlite:")
	rest, isMySQL := strings.CutPrefix(databaseURL, "mysql://")
	switch {
	case lite:
		s.dialect, s.file = &SQLite, path
		s.dsn, err = sqliteDSN(path)
	case isMySQL && setting == OfAccounts:
		s.dialect = &MySQL
		s.mysql, err = mysqlConfig(rest)
	default:
		s.dialect = &Postgres
		s.server, err = postgresConfig(databaseURL)
	}
	if wrong, ok := errors.AsType[*URLError](err); ok {
		wrong.Setting = setting
	}
	return s, err
}

// InFolder names the folder that a relative path of SQLite depends on, for messages: the
// one that the command was started in. It is empty for a full path.
func InFolder(path string) string {
	folder, err := os.Getwd()
	if err != nil || filepath.IsAbs(path) {
		return ""
	}
	return " in " + folder
}

// open returns the pool of the driver. It does not connect.
func (s source) open() (*sqlx.DB, error) {
	switch s.dialect {
	case &SQLite:
		return sqlx.Open(s.dialect.Driver, s.dsn)
	case &MySQL:
		c, err := mysql.NewConnector(s.mysql)
		if err != nil {
			return nil, err
		}
		return sqlx.NewDb(sql.OpenDB(c), s.dialect.Driver), nil
	default:
		return sqlx.NewDb(sql.OpenDB(connector{s.server}), s.dialect.Driver), nil
	}
}

func sqliteDSN(path string) (string, error) {
	if path == "" {
		return "", &URLError{Part: "path", Advice: "write the file's path after sqlite:"}
	}
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

// makeFile creates an SQLite file that is missing, because SQLite would make it
// readable for everybody. It does not open a file that is there: when a process closes
// any descriptor of a file, POSIX ends all its locks on it, also those of another pool.
// A second process would then take the database for unused and remove its log, and
// what the first one commits after that would be lost.
func makeFile(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return f.Close()
}

// postgresConfig adds the parameters that must not depend on the environment.
func postgresConfig(databaseURL string) (pq.Config, error) {
	given, err := postgresParameters(databaseURL)
	if err != nil {
		return pq.Config{}, err
	}
	all := parameters{
		"binary_parameters": "yes", // one round trip per query, and safe behind a pooler
		"connect_timeout":   strconv.Itoa(int(connectTimeout.Seconds())),
		"application_name":  "resetd",
	}
	maps.Copy(all, given)
	cfg, err := pq.NewConfig(all.String())
	if err == nil && given["sslmode"] == "" {
		all["sslmode"] = sslMode(cfg)
		cfg, err = pq.NewConfig(all.String())
	}
	return cfg, explainParameter(err)
}

// wrongValue matches the driver's error, which contains the value.
var wrongValue = regexp.MustCompile(`wrong value for "?(\$?\w+)`)

func explainParameter(err error) error {
	if err == nil {
		return nil
	}
	if found := wrongValue.FindStringSubmatch(err.Error()); found != nil {
		return &URLError{Part: "parameter " + found[1], Advice: "see PostgreSQL's documentation for its values, and " + encode}
	}
	return &URLError{Part: "combination of parameters", Advice: strings.TrimPrefix(err.Error(), "pq: ")}
}

// sslMode returns "disable" for servers on this machine. Any other server must prove
// its name.
func sslMode(cfg pq.Config) string {
	for _, server := range append(cfg.Multi, pq.ConfigMultihost{Host: cfg.Host, Hostaddr: cfg.Hostaddr}) {
		switch host := server.Host; {
		case server.Hostaddr.IsLoopback():
		case !server.Hostaddr.IsValid() && onThisMachine(host):
		default:
			return "verify-full"
		}
	}
	return "disable"
}

// onThisMachine reports whether a host is this machine, or the folder of a socket.
func onThisMachine(host string) bool {
	return host == "" || strings.HasPrefix(host, "/") || strings.HasPrefix(host, "@") || slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, host)
}

// OpenUnchanged opens the database of a setting like Open and with the same connection
// settings, but makes no lasting change: it neither creates the file nor sets its
// journal. It always connects with a short timeout.
func OpenUnchanged(databaseURL, setting string) (*Pool, error) {
	s, err := parseSource(databaseURL, setting)
	if err != nil {
		return nil, err
	}
	s.server.ConnectTimeout = connectTimeout
	if s.file != "" {
		u, err := url.Parse(s.dsn)
		if err != nil {
			return nil, fmt.Errorf("store: %w", err)
		}
		options := u.Query()
		options.Set("mode", "rw") // not rwc, which would create a missing file
		options["_pragma"] = slices.DeleteFunc(options["_pragma"], func(p string) bool { return strings.HasPrefix(p, "journal_mode") })
		u.RawQuery = options.Encode()
		s.dsn = u.String()
	}
	return open(s)
}
