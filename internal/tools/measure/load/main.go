// Package load measures the built program from outside, on both databases: requests and
// uses per second, the time of each, emails and memory.
//
// A figure from one machine at one time means little. So each run also measures a
// reference, right before, and prints the ratio and the limit for it: for requests the
// database alone (pgbench, or a loop of inserts on SQLite), for the use of a link its
// hash alone.
package load

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/tools/measure/wire"
)

type options struct {
	duration time.Duration
}

// Run measures with the given flags.
func Run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("measure load", flag.ExitOnError)
	flags.DurationVar(&o.duration, "duration", 10*time.Second, "how long each load lasts")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "resetd-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Printf("%-44s %10s %8s %8s %7s %7s  %s\n", "", "figure", "p50 ms", "p99 ms", "ratio", "limit", "verdict")
	if err := o.onPostgres(ctx, dir); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if err := o.onSQLite(ctx, dir); err != nil {
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
	fmt.Printf("%-44s %10.0f %8.1f %8.1f %7.2f %7.2f  %s\n", name, figure, wire.Percentile(r.took, 50), wire.Percentile(r.took, 99), ratio, limit, verdict)
}

// contest is a load of requests, and the reference that is measured right before.
type contest struct {
	reference string
	measure   func() (float64, error) // the reference
	conns     int
	known     bool // the addresses have accounts
	limit     float64
}

func (o options) onPostgres(ctx context.Context, dir string) error {
	reference, drop, err := testkit.NewPostgres(ctx, "")
	if err != nil {
		return err
	}
	defer drop()
	url, dropToo, err := testkit.NewPostgres(ctx, "")
	if err != nil {
		return err
	}
	defer dropToo()
	if err := pgbenchTables(ctx, reference); err != nil {
		return err
	}
	against := func(script string, conns int, known bool, limit float64) contest {
		measure := func() (float64, error) { return pgbench(ctx, o, reference, script, conns) }
		return contest{fmt.Sprintf("pgbench, %s, %d connections", script, conns), measure, conns, known, limit}
	}
	return o.on(ctx, "PostgreSQL", url, dir, []contest{
		against("one", 64, false, 0.8),
		against("six", 16, false, 1),
		against("six", 64, true, 0.5),
	})
}

func (o options) onSQLite(ctx context.Context, dir string) error {
	const reference = "one insert for each transaction"
	measure := func() (float64, error) { return sqliteInserts(ctx, o, filepath.Join(dir, "reference.db")) }
	return o.on(ctx, "SQLite", "sqlite:"+filepath.Join(dir, "bench.db"), dir, []contest{
		{reference, measure, 16, false, 2},
		{reference, measure, 64, false, 5},
	})
}

// on measures the program on a database.
func (o options) on(ctx context.Context, product, url, dir string, contests []contest) error {
	fmt.Printf("\n%s\n", product)
	w, err := prepare(ctx, url)
	if err != nil {
		return err
	}
	defer w.close()
	s, err := start(ctx, url, dir)
	if err != nil {
		return err
	}
	defer s.sink.Close()
	defer s.Stop()
	if err := o.uncontended(ctx, w, s); err != nil {
		return err
	}
	for _, c := range contests {
		if err := o.requests(ctx, w, s, c); err != nil {
			return err
		}
	}
	memory, err := s.Memory(ctx)
	row("MiB after all this, limit 64", memory, result{}, 64/memory, 1)
	return err
}

// requests measures a reference and requests, and then the emails of the backlog.
func (o options) requests(ctx context.Context, w *world, s *server, c contest) error {
	alone, err := c.measure()
	if err != nil {
		return err
	}
	row(c.reference, alone, result{}, 1, 0)
	r, err := s.load(ctx, o, c.conns, requests(c.known))
	if err != nil {
		return err
	}
	name := "unknown"
	if c.known {
		name = "known"
	}
	row(fmt.Sprintf("requests, %s, %d connections", name, c.conns), r.perSecond(), r, r.perSecond()/alone, c.limit)
	before, err := w.sent(ctx)
	if err != nil {
		return err
	}
	waiting, took, err := w.drain(ctx)
	if err != nil {
		return err
	}
	row("  deliveries waiting then", float64(waiting), result{}, 0, 0)
	if !c.known {
		return nil
	}
	after, err := w.sent(ctx)
	emails := float64(after-before) / took.Seconds()
	row("emails afterwards, limit 1,000/s", emails, result{}, emails/1000, 1)
	return err
}

// uncontended measures what the requests would disturb: memory, pages and links.
func (o options) uncontended(ctx context.Context, w *world, s *server) error {
	time.Sleep(2 * time.Second)
	idle, err := s.Memory(ctx)
	if err != nil {
		return err
	}
	row("MiB when idle, limit 32", idle, result{}, 32/idle, 1)
	row("ms to the first answer, limit 100", float64(s.Started.Milliseconds()), result{}, 100/float64(max(1, s.Started.Milliseconds())), 1)
	r, err := s.load(ctx, o, 16, page("/password-reset"))
	if err != nil {
		return err
	}
	row("form page, 16 connections, limit 40,000/s", r.perSecond(), r, r.perSecond()/40_000, 1)
	before, err := hashesPerSecond(ctx, o)
	if err != nil {
		return err
	}
	if r, err = s.load(ctx, options{time.Minute}, 16, w.uses()); err != nil { // it ends with the links
		return err
	}
	after, err := hashesPerSecond(ctx, o)
	alone := (before + after) / 2
	row("argon2id alone", alone, result{}, 1, 0)
	row("use of a link", r.perSecond(), r, r.perSecond()/alone, 0.9)
	return err
}
