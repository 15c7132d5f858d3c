// Package inspect checks a database: its settings, its tables, and whether the
// statements of the accounts work. It changes nothing.
package inspect

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/store/directory"
	"resetd/internal/store/sqldb"
)

// ErrNoFile: the SQLite database does not exist yet.
var ErrNoFile = errors.New("there is no database file yet")

// Inspector inspects a database. It changes no file, table, lasting setting or row.
// Its errors are *Fault.
type Inspector struct {
	pool     *sqldb.Pool
	accounts directory.Accounts
}

// Open opens a database like store.Open, but returns ErrNoFile if the file does not
// exist.
func Open(databaseURL string, accounts accounts.Directory) (*Inspector, error) {
	return open(databaseURL, sqldb.OfRecord, accounts)
}

// OpenAccounts is Open for a separate database of the accounts.
func OpenAccounts(databaseURL string, accounts accounts.Directory) (*Inspector, error) {
	return open(databaseURL, sqldb.OfAccounts, accounts)
}

func open(databaseURL, setting string, accounts accounts.Directory) (*Inspector, error) {
	if path, lite := strings.CutPrefix(databaseURL, "sqlite:"); lite {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNoFile
		} else if err != nil {
			return nil, &Fault{Words: err.Error(), Advice: fileAdvice}
		}
	}
	pool, err := sqldb.OpenUnchanged(databaseURL, setting)
	if err != nil {
		return nil, explain(err)
	}
	return New(pool, directory.New(pool.DB, accounts)), nil
}

// New returns an Inspector of an open database.
func New(pool *sqldb.Pool, accounts directory.Accounts) *Inspector { return &Inspector{pool, accounts} }

// Close closes the pool.
func (i *Inspector) Close() error { return i.pool.Close() }

// Answers connects, and returns how long the database takes to answer.
func (i *Inspector) Answers(ctx context.Context) (time.Duration, error) {
	if err := i.pool.Ping(ctx); err != nil {
		return 0, explain(err)
	}
	start := time.Now() //nolint:forbidigo // a measurement that is not stored
	_, err := i.pool.Change(ctx, `SELECT 1`)
	return time.Since(start), explain(err) //nolint:forbidigo // as above
}

// Facts are the settings that a database reports. The fields of the other product
// are empty.
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
	Schema            sql.NullString `db:"schema"` // of our tables; NULL: no schema of the search_path exists
	MayCreate         sql.NullBool   `db:"may_create"`
	Clock             time.Time      `db:"clock"` // zero: the clock of this machine

	// MySQL
	FlushLog int `db:"flush_log"` // 1: at each commit

	// SQLite
	JournalMode string `db:"journal_mode"`
	Synchronous int    `db:"synchronous"` // 2 is FULL, 3 EXTRA
}

// MySQL reports whether the database is MariaDB or MySQL.
func (f Facts) MySQL() bool { return f.Product == "MariaDB" || f.Product == "MySQL" }

// Schema returns the schema of resetd's tables; zero on SQLite.
func (i *Inspector) Schema(ctx context.Context) (sqldb.Schema, error) {
	sc, err := i.pool.Schema(ctx)
	return sc, explainRead(err)
}

// SameKeys reports whether the database was last used with one of these keys, or
// never.
func (i *Inspector) SameKeys(ctx context.Context, fingerprints []string) (bool, error) {
	same, err := i.pool.SameKeys(ctx, fingerprints)
	return same, explainRead(err)
}

// Newest returns when the newest reset was requested; zero if there is none.
func (i *Inspector) Newest(ctx context.Context) (time.Time, error) {
	var at sqldb.Instant
	err := i.pool.First(ctx, &at, `SELECT created_at FROM password_resets ORDER BY created_at DESC LIMIT 1`)
	return at.Time, explainRead(err)
}

// Home returns the schema that the tables of a separate role for resetd would be in.
func (i *Inspector) Home(ctx context.Context, role string) (sqldb.Home, error) {
	h, err := i.pool.Home(ctx, role)
	return h, explainRead(err)
}

// Facts returns the settings of the database.
func (i *Inspector) Facts(ctx context.Context) (Facts, error) {
	f := Facts{Product: i.pool.Dialect.Product}
	rows, err := i.pool.Query(ctx, i.pool.Dialect.Facts)
	if err != nil {
		return f, explain(err)
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		err = rows.StructScan(&f)
	}
	f.Version, _, _ = strings.Cut(f.Version, " ") // without the name that a distribution adds
	if version, isMariaDB := strings.CutSuffix(strings.SplitAfter(f.Version+"-", "MariaDB")[0], "-MariaDB"); isMariaDB {
		f.Product, f.Version = "MariaDB", version
	}
	return f, explain(cmp.Or(err, rows.Err()))
}
