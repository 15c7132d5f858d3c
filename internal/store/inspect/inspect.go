// Package inspect asks a database about itself: its settings, its tables, and
// whether the statements of the accounts work there. It changes nothing.
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

// ErrNoFile: there is no SQLite database yet; Open would make it.
var ErrNoFile = errors.New("there is no database file yet")

// Inspector looks at a database and leaves it as it is: no file, no table, no
// lasting setting and no row is changed. Its errors are *Fault.
type Inspector struct {
	pool     *sqldb.Pool
	accounts directory.Accounts
}

// Open takes a database like store.Open. It is ErrNoFile where that would make the
// file.
func Open(databaseURL string, accounts accounts.Directory) (*Inspector, error) {
	if path, lite := strings.CutPrefix(databaseURL, "sqlite:"); lite {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, ErrNoFile
		} else if err != nil {
			return nil, explain(err)
		}
	}
	pool, err := sqldb.OpenUnchanged(databaseURL)
	if err != nil {
		return nil, explain(err)
	}
	return New(pool, directory.New(pool.DB, accounts)), nil
}

// New takes a database that is open.
func New(pool *sqldb.Pool, accounts directory.Accounts) *Inspector { return &Inspector{pool, accounts} }

// Close closes the pool.
func (i *Inspector) Close() error { return i.pool.Close() }

// Answers connects, then returns how long the database takes to answer.
func (i *Inspector) Answers(ctx context.Context) (time.Duration, error) {
	if err := i.pool.Ping(ctx); err != nil {
		return 0, explain(err)
	}
	start := time.Now() //nolint:forbidigo // a measurement; no row has it
	_, err := i.pool.Change(ctx, `SELECT 1`)
	return time.Since(start), explain(err) //nolint:forbidigo // as above
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

// Schema is where resetd's tables are to stand; zero on SQLite.
func (i *Inspector) Schema(ctx context.Context) (sqldb.Schema, error) {
	sc, err := i.pool.Schema(ctx)
	return sc, explainRead(err)
}

// Home is where a role of resetd's own would have its tables.
func (i *Inspector) Home(ctx context.Context, role string) (sqldb.Home, error) {
	h, err := i.pool.Home(ctx, role)
	return h, explainRead(err)
}

// Facts asks the database.
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
	f.Version, _, _ = strings.Cut(f.Version, " ") // packagers add their own
	return f, explain(cmp.Or(err, rows.Err()))
}
