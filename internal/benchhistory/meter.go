package main

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// meter asks PostgreSQL how long it worked: planning and running of all statements,
// as pg_stat_statements counts them. On a machine that has other work, that says
// more of a search than the clock does.
type meter struct{ db *sql.DB }

func newMeter(ctx context.Context, db *sql.DB) (meter, error) {
	var planning string
	if _, err := db.ExecContext(ctx, `CREATE EXTENSION IF NOT EXISTS pg_stat_statements`); err != nil {
		return meter{}, err
	}
	if err := warm(ctx, db); err != nil {
		return meter{}, err
	}
	err := db.QueryRowContext(ctx, `SELECT coalesce(current_setting('pg_stat_statements.track_planning', true), '')`).Scan(&planning)
	if err == nil && planning != "on" {
		err = errors.New("start PostgreSQL with shared_preload_libraries=pg_stat_statements and pg_stat_statements.track_planning=on")
	}
	return meter{db}, err
}

// warm brings into memory what searches read.
func warm(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `
		CREATE EXTENSION IF NOT EXISTS pg_prewarm;
		SELECT pg_prewarm(oid) FROM pg_class
		WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind IN ('r', 'i') AND relname NOT LIKE 'reset_events%'`)
	return err
}

// of calls once and returns how long the database worked for it, and how long it
// took in all.
func (m meter) of(ctx context.Context, once func() error) (inside, whole time.Duration, err error) {
	if _, err := m.db.ExecContext(ctx, `SELECT pg_stat_statements_reset()`); err != nil {
		return 0, 0, err
	}
	start := time.Now()
	if err := once(); err != nil {
		return 0, 0, err
	}
	whole = time.Since(start)
	var ms float64
	err = m.db.QueryRowContext(ctx, `
		SELECT coalesce(sum(total_plan_time + total_exec_time), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'`).Scan(&ms)
	inside = time.Duration(ms * float64(time.Millisecond))
	return min(inside, whole), whole, err // statements may run beside each other
}
