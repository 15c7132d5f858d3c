package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/accounts"
)

// ErrNoFile: there is no SQLite database yet; Open would make it.
var ErrNoFile = errors.New("there is no database file yet")

// Inspector looks at a database and leaves it as it is: no file, no table, no
// lasting setting and no row is changed. Its errors are *Fault.
type Inspector struct{ s *Store }

// Inspect takes a database like Open. It is ErrNoFile where Open would make the
// file.
func Inspect(databaseURL string, directory accounts.Directory) (*Inspector, error) {
	path, lite := strings.CutPrefix(databaseURL, "sqlite:")
	if lite {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNoFile
		} else if err != nil {
			return nil, explain(err)
		}
	}
	s, err := Open(impatient(databaseURL), directory)
	if err != nil {
		return nil, explain(err)
	}
	if !lite {
		return &Inspector{s}, nil
	}
	if err := s.reopenAsItIs(path); err != nil {
		return nil, explain(err)
	}
	return &Inspector{s}, nil
}

// impatient shortens what the driver waits for while it connects: it does so
// whatever the context says.
func impatient(databaseURL string) string {
	u, err := url.Parse(databaseURL)
	if err != nil || u.Scheme == "sqlite" {
		return databaseURL
	}
	q := u.Query()
	q.Set("connect_timeout", "5")
	u.RawQuery = q.Encode()
	return u.String()
}

// reopenAsItIs connects with all that Open sets for a connection, so that what
// is looked at is what the service would have. Only what would last is left out.
func (s *Store) reopenAsItIs(path string) error {
	dsn, err := sqliteDSN(path) // the file is there, so this makes none
	if err != nil {
		return err
	}
	file, query, _ := strings.Cut(dsn, "?")
	options, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	options.Set("mode", "rw") // not rwc: should the file go away now, it stays away
	options["_pragma"] = slices.DeleteFunc(options["_pragma"], func(p string) bool { return strings.HasPrefix(p, "journal_mode") })
	pool, err := sqlx.Open(s.dialect.driver, file+"?"+options.Encode())
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(s.dialect.conns)
	_ = s.pool.Close() // it was lazy: nothing had connected
	s.queries, s.pool = queries{pool, s.dialect, s.directory}, pool
	return nil
}

// Close closes the pool.
func (i *Inspector) Close() error { return i.s.Close() }

// Answers connects, then returns how long the database takes to answer.
func (i *Inspector) Answers(ctx context.Context) (time.Duration, error) {
	if err := i.s.pool.PingContext(ctx); err != nil {
		return 0, explain(err)
	}
	start := time.Now() //nolint:forbidigo // it measures, and no row ever sees it
	var one int
	err := i.s.pool.GetContext(ctx, &one, `SELECT 1`)
	return time.Since(start), explain(err) //nolint:forbidigo // likewise
}

// Facts are what a database says of itself. What only one of the two has is
// empty for the other.
type Facts struct {
	Product string
	Version string `db:"version"`

	// PostgreSQL
	Number            int            `db:"number"` // 150008 is 15.8
	Fsync             string         `db:"fsync"`
	FullPageWrites    string         `db:"full_page_writes"`
	SynchronousCommit string         `db:"synchronous_commit"`
	Encoding          string         `db:"encoding"`
	ReadOnly          bool           `db:"read_only"`
	Schema            sql.NullString `db:"schema"` // where our tables stand; NULL: no schema of the search_path exists
	MayCreate         sql.NullBool   `db:"may_create"`
	Clock             time.Time      `db:"clock"` // zero: the clock of this machine

	// SQLite
	JournalMode string `db:"journal_mode"`
	Synchronous int    `db:"synchronous"` // 2 is FULL, 3 EXTRA
}

const (
	postgresFacts = `
		SELECT current_setting('server_version') AS version, CAST(current_setting('server_version_num') AS integer) AS number,
			current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
			current_setting('synchronous_commit') AS synchronous_commit, current_setting('server_encoding') AS encoding,
			current_setting('transaction_read_only') = 'on' AS read_only, CAST(current_schema() AS text) AS schema,
			has_schema_privilege(current_schema(), 'CREATE') AS may_create, clock_timestamp() AS clock`
	sqliteFacts = `
		SELECT sqlite_version() AS version,
			(SELECT journal_mode FROM pragma_journal_mode) AS journal_mode, (SELECT synchronous FROM pragma_synchronous) AS synchronous`
)

// Schema is where resetd's tables are to stand; zero on SQLite.
func (i *Inspector) Schema(ctx context.Context) (Schema, error) {
	sc, err := i.s.schema(ctx)
	return sc, explainRead(err)
}

// Facts asks the database.
func (i *Inspector) Facts(ctx context.Context) (Facts, error) {
	f, query := Facts{Product: "PostgreSQL"}, postgresFacts
	if i.s.dialect == &onSQLite {
		f.Product, query = "SQLite", sqliteFacts
	}
	err := i.s.pool.GetContext(ctx, &f, query)
	f.Version, _, _ = strings.Cut(f.Version, " ") // packagers add their own
	return f, explain(err)
}
