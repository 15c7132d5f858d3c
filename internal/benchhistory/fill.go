package main

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

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
	if err := fillOn(ctx, conn, n); err != nil {
		return err
	}
	return s.MergeDays(ctx, time.Now()) // as a service does each hour
}

func fillOn(ctx context.Context, conn *sql.Conn, n int) error {
	indexes, err := dropIndexes(ctx, conn)
	if err != nil {
		return err
	}
	all := []string{
		`SET session_replication_role = replica`, // neither triggers nor foreign keys
		`SET synchronous_commit = off`, `SET maintenance_work_mem = '512MB'`,
	}
	for _, name := range []string{"resets", "burst", "addresses", "mails", "failures", "events"} {
		script, err := scripts.ReadFile("sql/" + name + ".sql")
		if err != nil {
			return err
		}
		all = append(all, strings.ReplaceAll(string(script), "$1", strconv.Itoa(n)))
	}
	sums, err := scripts.ReadFile("sql/days.sql")
	if err != nil {
		return err
	}
	all = append(append(all, indexes...), string(sums), `VACUUM ANALYZE`, `CHECKPOINT`)
	err = steps(ctx, conn, all)
	fmt.Fprintln(os.Stderr)
	return err
}

// dropIndexes drops all that has to be kept in order while rows come, and
// returns how to make it anew.
func dropIndexes(ctx context.Context, conn *sql.Conn) (again []string, err error) {
	rows, err := conn.QueryContext(ctx, `
		WITH ours AS (SELECT oid, relname FROM pg_class WHERE oid IN (to_regclass('password_resets'), to_regclass('reset_deliveries'), to_regclass('reset_events'), to_regclass('reset_addresses')))
		SELECT 'ALTER TABLE ' || relname || ' DROP CONSTRAINT ' || conname,
			'ALTER TABLE ' || relname || ' ADD CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(c.oid) || CASE contype WHEN 'f' THEN ' NOT VALID' ELSE '' END,
			CASE contype WHEN 'f' THEN 1 ELSE 2 END AS place
		FROM pg_constraint c JOIN ours ON conrelid = ours.oid WHERE contype IN ('f', 'p')
		UNION ALL SELECT 'DROP INDEX ' || indexname, indexdef, 3
		FROM pg_indexes JOIN ours ON relname = tablename WHERE schemaname = current_schema() AND indexname NOT LIKE '%_pkey'
		ORDER BY place`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var drops []string
	for rows.Next() {
		var drop, add string
		var place int
		if err := rows.Scan(&drop, &add, &place); err != nil {
			return nil, err
		}
		drops, again = append(drops, drop), append(again, add)
	}
	slices.Reverse(again) // a foreign key needs the key that it points at
	return again, errors.Join(rows.Err(), steps(ctx, conn, drops))
}

func steps(ctx context.Context, conn *sql.Conn, all []string) error {
	for _, step := range all {
		fmt.Fprint(os.Stderr, ".")
		if _, err := conn.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("%.60s: %w", step, err)
		}
	}
	return nil
}
