// Package load measures the built program from outside, on both databases: requests and
// uses per second, the time of each, emails and memory.
//
// A figure from one machine at one time means little. So each run also measures a
// reference, in turns with the program, and prints the ratio and the limit for it: for
// requests the database alone (pgbench, or a loop of inserts on SQLite) and Django, for the
// use of a link its hash alone.
package load

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/tools/measure/wire"
)

type options struct {
	duration time.Duration
	turns    int
	full     string
	only     string
	rate     int
	queue    int
}

// Run measures with the given flags.
func Run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("measure load", flag.ExitOnError)
	flags.DurationVar(&o.duration, "duration", 5*time.Second, "how long each load lasts")
	flags.IntVar(&o.turns, "turns", 5, "how often requests and their reference are measured, in turns")
	flags.StringVar(&o.full, "full", "", "the `URL` of a PostgreSQL database with many resets, which requests are compared with an empty one on")
	flags.StringVar(&o.only, "only", "", "only requests whose line contains this, such as \"unknown, 64\"")
	flags.IntVar(&o.rate, "rate", 0, "only send this many requests a `second` for a minute, a fifth of them for accounts, and measure when their emails arrive")
	flags.IntVar(&o.queue, "queue", 0, "only start the program with this many requests in its `queue`, a fifth of them for accounts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "resetd-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Printf("%-48s %10s %8s %8s %7s %7s  %s\n", "", "figure", "p50 ms", "p99 ms", "ratio", "limit", "verdict")
	switch {
	case o.rate > 0:
		return onBoth(ctx, dir, o.flood)
	case o.queue > 0:
		return onBoth(ctx, dir, o.backlog)
	}
	if err := o.onPostgres(ctx, dir); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if err := o.onSQLite(ctx, dir); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return nil
}

// onBoth measures on both databases.
func onBoth(ctx context.Context, dir string, measure func(ctx context.Context, databaseURL, dir string) error) error {
	url, drop, err := testkit.NewPostgres(ctx, "")
	if err != nil {
		return err
	}
	defer drop()
	fmt.Print("\nPostgreSQL\n")
	if err := measure(ctx, url, dir); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	fmt.Print("\nSQLite\n")
	if err := measure(ctx, "sqlite:"+filepath.Join(dir, "many.db"), dir); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return nil
}

// row prints a line. It has no verdict if the limit is 0.
func row(name string, figure float64, r result, ratio, limit float64) {
	verdict := ""
	switch {
	case limit > 0 && ratio >= limit:
		verdict = "ok"
	case limit > 0:
		verdict = "missed"
	}
	fmt.Printf("%-48s %10.0f %8.1f %8.1f %7.2f %7.2f  %s\n", name, figure, wire.Percentile(r.took, 50), wire.Percentile(r.took, 99), ratio, limit, verdict)
}

func (o options) onPostgres(ctx context.Context, dir string) error {
	var urls [3]string
	for i := range urls {
		url, drop, err := testkit.NewPostgres(ctx, "")
		if err != nil {
			return err
		}
		defer drop()
		urls[i] = url
	}
	reference, url, other := urls[0], urls[1], urls[2]
	if err := pgbenchTables(ctx, reference); err != nil {
		return err
	}
	against := func(script string, conns int, known bool, limit float64) contest {
		measure := func() (float64, error) { return pgbench(ctx, o, reference, script, conns) }
		return contest{fmt.Sprintf("pgbench, %s, %d connections", script, conns), measure, conns, known, limit}
	}
	contests := []contest{
		against("one", 64, false, 0.8),
		against("six", 16, false, 1),
		against("six", 64, true, 0.5),
	}
	peer, err := startDjango(ctx, dir, other)
	if err != nil {
		return err
	}
	if peer != nil {
		defer peer.stop()
		contests = append(contests, contest{"Django, four workers, no emails, 16 connections", func() (float64, error) { return peer.requests(ctx, o) }, 16, false, 4})
	}
	w, reached, err := o.on(ctx, "PostgreSQL", url, dir, contests)
	if err != nil {
		return err
	}
	defer w.close()
	slow := url + "&options=-c%20commit_delay%3D1000%20-c%20commit_siblings%3D0"
	if reached == 0 {
		return nil
	}
	if err := o.elsewhere(ctx, "on a disk that takes 1 ms more, 64 connections", w, slow, dir, reached, 0.75); err != nil || o.full == "" {
		return err
	}
	full, err := openWorld(ctx, o.full)
	if err != nil {
		return err
	}
	defer full.close()
	return o.elsewhere(ctx, "in the full database, 64 connections", full, o.full, dir, reached, 0.85)
}

func (o options) onSQLite(ctx context.Context, dir string) error {
	const reference = "one insert for each transaction"
	measure := func() (float64, error) { return sqliteInserts(ctx, o, filepath.Join(dir, "reference.db")) }
	w, _, err := o.on(ctx, "SQLite", "sqlite:"+filepath.Join(dir, "bench.db"), dir, []contest{
		{reference, measure, 16, false, 2},
		{reference, measure, 64, false, 5},
	})
	if err == nil {
		w.close()
	}
	return err
}

// on measures the program on a database. reached is how many requests it took per second
// in the first contest.
func (o options) on(ctx context.Context, product, url, dir string, contests []contest) (w *world, reached float64, err error) {
	fmt.Printf("\n%s\n", product)
	if w, err = prepare(ctx, url); err != nil {
		return nil, 0, err
	}
	s, err := start(ctx, url, dir, ignore)
	if err != nil {
		return nil, 0, err
	}
	defer s.stop()
	if o.only == "" {
		if err := o.uncontended(ctx, w, s); err != nil {
			return nil, 0, err
		}
	}
	most := 0.0
	for i, c := range contests {
		if !strings.Contains(c.name(), o.only) {
			continue
		}
		figure, memory, err := o.requests(ctx, w, s, c)
		if err != nil {
			return nil, 0, err
		}
		if most = max(most, memory); i == 0 {
			reached = figure
		}
	}
	row("MiB at most during requests, limit 64", most, result{}, 64/most, 1)
	return w, reached, nil
}

// elsewhere measures requests under other conditions, against those of the first contest.
func (o options) elsewhere(ctx context.Context, name string, w *world, url, dir string, reached, limit float64) error {
	s, err := start(ctx, url, dir, ignore)
	if err != nil {
		return err
	}
	defer s.stop()
	_, _, err = o.requests(ctx, w, s, contest{name, func() (float64, error) { return reached, nil }, 64, false, limit})
	return err
}
