package main

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"os"
	"strconv"
	"strings"

	_ "github.com/lib/pq" // the driver registers itself
)

//go:embed sql
var scripts embed.FS

// fill makes the tables and a year of resets. The indexes are made afterwards
// and the sums of the days anew, which takes a tenth of the time.
func fill(ctx context.Context, url string, n int) error {
	s, err := open(url)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := s.MigrateUp(ctx, false); err != nil {
		return err
	}
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	conn, err := db.Conn(ctx) // its settings last as long as it
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return fillOn(ctx, conn, n)
}

func fillOn(ctx context.Context, conn *sql.Conn, n int) error {
	indexes, err := dropIndexes(ctx, conn)
	if err != nil {
		return err
	}
	steps := []string{
		`SET session_replication_role = replica`, // neither triggers nor foreign keys
		`SET synchronous_commit = off`, `SET maintenance_work_mem = '512MB'`,
	}
	for _, name := range []string{"resets", "burst", "mails", "events"} {
		script, err := scripts.ReadFile("sql/" + name + ".sql")
		if err != nil {
			return err
		}
		steps = append(steps, strings.ReplaceAll(string(script), "$1", strconv.Itoa(n)))
	}
	steps = append(steps, indexes...)
	sums, err := scripts.ReadFile("sql/days.sql")
	if err != nil {
		return err
	}
	steps = append(steps, string(sums), `VACUUM ANALYZE`, `CHECKPOINT`)
	for _, step := range steps {
		fmt.Fprint(os.Stderr, ".")
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("%.40s: %w", step, err)
		}
	}
	fmt.Fprintln(os.Stderr)
	return nil
}

// dropIndexes drops all that no constraint needs, and returns how to make them
// anew.
func dropIndexes(ctx context.Context, conn *sql.Conn) (again []string, err error) {
	rows, err := conn.QueryContext(ctx, `
		SELECT indexname, indexdef FROM pg_indexes
		WHERE schemaname = current_schema() AND tablename IN ('password_resets', 'reset_deliveries', 'reset_events') AND indexname NOT LIKE '%_pkey'`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return nil, err
		}
		names, again = append(names, name), append(again, definition)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, name := range names {
		if _, err := conn.ExecContext(ctx, `DROP INDEX `+name); err != nil {
			return nil, err
		}
	}
	return again, nil
}
