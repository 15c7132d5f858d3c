package store

import (
	"net/netip"

	"github.com/pressly/goose/v3/database"
	// The drivers register themselves.
	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"
)

// dialect is what differs between the databases.
type dialect struct {
	driver     string
	goose      database.Dialect
	migrations string // folder in migrations.FS
	skipLocked string // how a worker passes by rows that another one is taking
	oneInsert  bool   // two inserts can be one statement
	conns      int    // size of the pool, all of them kept open while idle
	beside     int    // how many statements of one search run at the same time
	tables     string // lists the names that are taken where our tables will stand, as they compare
	position   string // function: where a text begins in another
	day        string // UTC day of created_at, as text
	hour       string // beginning of the hour of created_at, as a time
	took       string // seconds from created_at to used_at
	host       string // created_by_ip as text
	domain     string // what stands behind the last @ of recipient

	// within is the condition that a column's IP address is in a network.
	within func(bind func(any) string, column string, network netip.Prefix) string
}

var onPostgres = dialect{
	driver:     "postgres",
	goose:      database.DialectPostgres,
	migrations: "postgres",
	skipLocked: "FOR UPDATE SKIP LOCKED",
	oneInsert:  true,
	conns:      8, // more makes PostgreSQL slower, not faster
	beside:     2,
	tables:     `SELECT CAST(c.relname AS text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()`,
	position:   `strpos`,
	day:        `CAST(CAST(created_at AT TIME ZONE 'UTC' AS date) AS text)`,
	hour:       `date_trunc('hour', created_at, 'UTC')`,
	took:       `EXTRACT(epoch FROM used_at - created_at)`,
	host:       `host(created_by_ip)`,
	domain:     `lower(reverse(split_part(reverse(recipient), '@', 1)))`, // a pattern takes ten times as long
	within:     withinInet,
}

var onSQLite = dialect{
	driver:     "sqlite",
	goose:      database.DialectSQLite3,
	migrations: "sqlite",
	conns:      1, // it has one writer; waiting for it in Go is fair and needs no polling
	beside:     1,
	tables:     `SELECT lower(name) FROM sqlite_master WHERE type <> 'trigger'`,
	position:   `instr`,
	day:        `substr(created_at, 1, 10)`,
	hour:       `substr(created_at, 1, 13) || ':00:00.000000+00:00'`,
	took:       `(strftime('%s', used_at) - strftime('%s', created_at) + (substr(used_at, 21, 6) - substr(created_at, 21, 6)) / 1e6)`,
	host:       `created_by_ip`,
	domain:     `lower(replace(recipient, rtrim(recipient, replace(recipient, '@', '')), ''))`,
	within:     withinText,
}
