package sqldb

import (
	"net/netip"
	"time"

	"github.com/pressly/goose/v3/database"
	// The drivers register themselves.
	_ "github.com/lib/pq"
	_ "modernc.org/sqlite"

	"resetd/internal/sqltext"
)

// Dialect contains the differences between the databases. No code outside this
// package checks which database it is.
type Dialect struct {
	Driver       string
	Goose        database.Dialect
	Migrations   string // folder in migrations.FS
	Lock         string // locks the rows that a SELECT returns; empty: there is one writer at a time
	SkipLocked   string // makes a worker skip the rows that another worker is leasing
	OneInsert    bool   // two inserts can be one statement
	OwnConns     bool   // a session can keep a connection; otherwise there is one writer at a time
	Lateral      bool   // a subquery can use the columns of the tables before it
	UUID         string // converts the text column %s to the type of ids
	Time         string // converts the text column %s to the type of times
	Product      string
	Syntax       sqltext.Syntax // of statements
	HasSchemas   bool           // tables are in schemas, and roles have privileges
	timeForm     string         // of bound times; empty: timeFormat
	conns        int            // size of the pool; idle connections stay open
	connLifetime time.Duration  // 0: unlimited
	Writable     string         // selects 1 if rows can be changed, else 0
	Clock        string         // selects the time of the server; empty: that is this machine
	Columns      string         // lists the columns of the table $1, whose name is written as in SQL; nothing if there is none
	Undefer      string         // runs the deferred triggers of a transaction; empty: there are none
	Ending       []string       // first words of statements that end a transaction and can't be undone; a procedure can contain them. Empty: there are none
	Unsafe       string         // lists the table $1, whose name is written as in SQL, if it has no transactions; empty: all have
	Facts        string         // selects what the database reports about itself
	Beside       int            // how many statements of one search run at the same time
	Tables       string         // lists the names that are taken in the schema of our tables, as the database compares them
	Position     string         // function: where a text begins in another
	Hour         string         // beginning of the hour of created_at, as a time
	Minutes      string         // from created_at to used_at, rounded up
	Fence        string         // at the end of a subquery: plan it separately
	Texts        string         // selects the texts of the JSON array %s
	Site         string         // the /24 of created_by_ip, or its /48
	Domain       string         // the part of recipient after the last @

	// Within is the condition that a column's IP address is in a network.
	Within func(bind func(any) string, column string, network netip.Prefix) string
}

// Postgres is PostgreSQL.
var Postgres = Dialect{
	Driver:       "postgres",
	Goose:        database.DialectPostgres,
	Migrations:   "postgres",
	Lock:         " FOR UPDATE",
	SkipLocked:   "FOR UPDATE SKIP LOCKED",
	OneInsert:    true,
	OwnConns:     true,
	Lateral:      true,
	UUID:         `CAST(%s AS uuid)`,
	Time:         `CAST(%s AS timestamptz)`,
	Product:      "PostgreSQL",
	Syntax:       sqltext.Postgres,
	Columns:      `SELECT CAST(attname AS text) FROM pg_attribute WHERE attrelid = CAST(to_regclass($1) AS oid) AND attnum > 0 AND NOT attisdropped`,
	Undefer:      `SET CONSTRAINTS ALL IMMEDIATE`,
	HasSchemas:   true,
	conns:        9, // four belong to sessions; more connections make PostgreSQL slower
	connLifetime: 30 * time.Minute,
	Beside:       2,
	Tables:       `SELECT CAST(c.relname AS text) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = current_schema()`,
	Position:     `strpos`,
	Hour:         `date_trunc('hour', created_at, 'UTC')`,
	Fence:        ` OFFSET 0`,
	Texts:        `SELECT jsonb_array_elements_text(CAST(%s AS jsonb))`,
	Minutes:      `CAST(ceil(date_part('epoch', used_at - created_at) / 60) AS integer)`,
	Site:         `network(set_masklen(created_by_ip, CASE family(created_by_ip) WHEN 4 THEN 24 ELSE 48 END))`,
	Domain:       `lower(reverse(split_part(reverse(recipient), '@', 1)))`, // ten times faster than a pattern
	Writable:     `SELECT CAST(current_setting('transaction_read_only') = 'off' AS integer)`,
	Clock:        `SELECT clock_timestamp()`,
	Facts: `
		SELECT current_setting('server_version') AS version, CAST(current_setting('server_version_num') AS integer) AS number,
			current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
			current_setting('synchronous_commit') AS synchronous_commit, current_setting('server_encoding') AS encoding,
			current_setting('transaction_read_only') = 'on' AS read_only, CAST(current_schema() AS text) AS schema,
			has_schema_privilege(current_schema(), 'CREATE') AS may_create, clock_timestamp() AS clock`,
	Within: withinInet,
}

// SQLite is SQLite.
var SQLite = Dialect{
	Driver:     "sqlite",
	Goose:      database.DialectSQLite3,
	Migrations: "sqlite",
	Product:    "SQLite",
	Syntax:     sqltext.SQLite,
	conns:      1, // SQLite allows one writer; waiting in Go is fair and needs no polling
	Beside:     1,
	UUID:       `%s`,
	Time:       `%s`,
	Tables:     `SELECT lower(name) FROM sqlite_master WHERE type <> 'trigger'`,
	Position:   `instr`,
	Hour:       `substr(created_at, 1, 13) || ':00:00.000000+00:00'`,
	Fence:      ` LIMIT -1`,
	Texts:      `SELECT value FROM json_each(%s)`,
	Minutes:    `((strftime('%s', substr(used_at, 1, 19)) - strftime('%s', substr(created_at, 1, 19))) * 1000000 + substr(used_at, 21, 6) - substr(created_at, 21, 6) + 59999999) / 60000000`,
	Site:       `resetd_site(created_by_ip)`,
	Domain:     `lower(replace(recipient, rtrim(recipient, replace(recipient, '@', '')), ''))`,
	Writable:   `SELECT 1`,
	Columns:    `SELECT name FROM pragma_table_info(trim($1, '"[]' || char(96)))`,
	Facts: `
		SELECT sqlite_version() AS version,
			(SELECT journal_mode FROM pragma_journal_mode) AS journal_mode, (SELECT synchronous FROM pragma_synchronous) AS synchronous`,
	Within: withinText,
}

// mysqlNamed finds a table by its name as in SQL, which may begin with a database's.
const mysqlNamed = " JOIN (SELECT replace(?, '`', '') AS name) n ON t.table_name = substring_index(n.name, '.', -1)" +
	` WHERE t.table_schema = IF(n.name LIKE '%.%', substring_index(n.name, '.', 1), database())`

// MySQL is MariaDB and MySQL, which can hold accounts but not the record.
var MySQL = Dialect{
	Driver:       "mysql",
	Product:      "MySQL",
	Syntax:       sqltext.MySQL,
	OwnConns:     true,
	Ending:       []string{"ALTER", "DROP", "RENAME", "TRUNCATE"},
	conns:        8,
	connLifetime: 30 * time.Minute,
	timeForm:     "2006-01-02 15:04:05.000000", // the connection's zone is UTC
	Writable:     `SELECT CAST(@@global.read_only = 0 AS SIGNED)`,
	Columns:      `SELECT t.column_name FROM information_schema.columns t` + mysqlNamed,
	Unsafe:       `SELECT t.table_name FROM information_schema.tables t` + mysqlNamed + ` AND t.engine IN (SELECT engine FROM information_schema.engines WHERE transactions <> 'YES')`,
	Facts: `
		SELECT version() AS version, @@character_set_connection AS encoding, @@global.read_only AS read_only, database() AS ` + "`schema`" + `,
			UTC_TIMESTAMP(6) AS clock, @@global.innodb_flush_log_at_trx_commit AS flush_log`,
}
