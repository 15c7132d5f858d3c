package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"resetd/internal/store/sqldb"
	"resetd/migrations"
)

// Errors of CopyTo.
var (
	// ErrNotEmpty: a copy never mixes two records.
	ErrNotEmpty = errors.New("the target has rows already")
	// ErrNoCopy: only SQLite can be copied, and only to PostgreSQL.
	ErrNoCopy = errors.New("resetd copy copies an SQLite database to PostgreSQL")
)

// copyTimeout is how long the source is locked at most.
const copyTimeout = 6 * time.Hour

// Copied is a table that was copied.
type Copied struct {
	Table string
	Rows  int
}

// CopyTo copies all rows to a PostgreSQL database whose tables are missing or empty. It
// makes the tables. The rows arrive in one transaction, which is committed only if the
// number and the digest of the rows of each table agree. Nobody can change the source
// meanwhile.
func (s *Store) CopyTo(ctx context.Context, target *Store, builtin bool) (all []Copied, err error) {
	if s.pool.File == "" || !target.Dialect.OwnConns {
		return nil, ErrNoCopy
	}
	if err := s.UpToDate(ctx, builtin); err != nil {
		return nil, err
	}
	if err := target.MigrateUp(ctx, builtin); err != nil {
		return nil, err
	}
	err = s.pool.RolledBack(ctx, copyTimeout, func(from sqldb.DB) error {
		return target.pool.InTx(ctx, func(to sqldb.DB) error {
			all, err = copyTables(ctx, from, to, tablesToCopy(builtin))
			return err
		})
	})
	return all, err
}

// tablesToCopy lists the tables in an order that foreign keys allow. What describes the
// schema itself is made by the target's own migrations.
func tablesToCopy(builtin bool) (tables []string) {
	for _, set := range migrations.Sets(builtin) {
		tables = append(tables, set.Tables...)
	}
	return slices.DeleteFunc(tables, func(t string) bool { return t == "reset_schema" || t == "reset_purge" })
}

func copyTables(ctx context.Context, from, to sqldb.DB, tables []string) (all []Copied, err error) {
	for _, table := range tables {
		var rows int
		if err := to.Get(ctx, &rows, `SELECT count(*) FROM (SELECT 1 FROM `+table+` LIMIT 1) AS few`); err != nil {
			return nil, err
		}
		if rows > 0 {
			return nil, fmt.Errorf("%w: %s; name an empty database, or a schema of its own with search_path", ErrNotEmpty, table)
		}
	}
	for _, table := range tables {
		rows, err := copyTable(ctx, from, to, table)
		if err != nil {
			return nil, fmt.Errorf("copy %s: %w", table, err)
		}
		all = append(all, Copied{table, rows})
	}
	return all, nil
}

func copyTable(ctx context.Context, from, to sqldb.DB, table string) (rows int, err error) {
	columns, err := from.ColumnsOf(ctx, table)
	if err != nil {
		return 0, err
	}
	there, err := to.ColumnsOf(ctx, table)
	if err == nil && !slices.Equal(columns, there) {
		err = fmt.Errorf("the columns differ: %v and %v", columns, there)
	}
	if err != nil {
		return 0, err
	}
	var sent sqldb.Digest
	err = to.Fill(ctx, table, columns, func(add func([]any) error) error {
		sent, err = from.DigestOf(ctx, table, columns, add)
		return err
	})
	if err != nil {
		return 0, err
	}
	arrived, err := to.DigestOf(ctx, table, columns, nil)
	if err == nil && arrived != sent {
		err = fmt.Errorf("verification failed: rows sent: %d, arrived: %d, and their digests differ", sent.Rows, arrived.Rows)
	}
	if err != nil {
		return 0, err
	}
	return sent.Rows, advance(ctx, to, table)
}

// advance makes the next number of a table follow those that were copied.
func advance(ctx context.Context, to sqldb.DB, table string) error {
	column, numbered := map[string]string{"reset_events": "id", "reset_audit": "id", "reset_signups": "number"}[table]
	if !numbered {
		return nil
	}
	return to.Run(ctx, `SELECT setval(pg_get_serial_sequence('`+table+`', '`+column+`'), max(`+column+`)) FROM `+table+` HAVING max(`+column+`) IS NOT NULL`)
}
