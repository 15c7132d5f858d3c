package store

import (
	"github.com/pressly/goose/v3"
	// The drivers register themselves.
	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"
)

// dialect is what differs between the databases.
type dialect struct {
	driver     string
	goose      goose.Dialect
	migrations string // folder in migrations.FS
	skipLocked string // how a worker passes by rows that another one is taking
	oneInsert  bool   // two inserts can be one statement
	conns      int    // size of the pool, all of them kept open while idle
	tables     string // lists the names that are taken where our tables will stand, as they compare
	addresses  bool   // each stands once in a table of their own
	position   string // where a text begins in another
	resets     string // selects about how many there are; 0 where that is not known
}

var onPostgres = dialect{
	driver:     "postgres",
	goose:      goose.DialectPostgres,
	migrations: "postgres",
	skipLocked: "FOR UPDATE SKIP LOCKED",
	oneInsert:  true,
	conns:      8, // more makes PostgreSQL slower, not faster
	tables:     `SELECT CAST(c.relname AS text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()`,
	addresses:  true,
	position:   "strpos",
	resets:     `SELECT CAST(greatest(reltuples, 1) AS bigint) FROM pg_class WHERE oid = to_regclass('password_resets')`,
}

var onSQLite = dialect{
	driver:     "sqlite",
	goose:      goose.DialectSQLite3,
	migrations: "sqlite",
	conns:      1, // it has one writer; waiting for it in Go is fair and needs no polling
	tables:     `SELECT lower(name) FROM sqlite_master WHERE type <> 'trigger'`,
	position:   "instr",
	resets:     `SELECT 0`,
}
