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
)

type options struct {
	binary   string
	duration time.Duration
	accounts int
	uses     int
}

// Run measures with the given flags.
func Run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("measure load", flag.ExitOnError)
	flags.StringVar(&o.binary, "binary", "bin/resetd", "the program to measure")
	flags.DurationVar(&o.duration, "duration", 10*time.Second, "how long each load lasts")
	flags.IntVar(&o.accounts, "accounts", 20_000, "accounts in the database")
	flags.IntVar(&o.uses, "uses", 300, "links to use")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "resetd-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	fmt.Printf("%-44s %10s %8s %8s %7s %7s  %s\n", "", "figure", "p50 ms", "p99 ms", "ratio", "limit", "verdict")
	if err := o.onPostgres(ctx, dir); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	if err := o.onSQLite(ctx, dir); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return nil
}

// row prints a line. A limit of 0 is none.
func row(name string, figure float64, r result, ratio, limit float64) {
	verdict := ""
	switch {
	case limit > 0 && ratio >= limit:
		verdict = "ok"
	case limit > 0:
		verdict = "missed"
	}
	fmt.Printf("%-44s %10.0f %8.1f %8.1f %7.2f %7.2f  %s\n", name, figure, r.percentile(50), r.percentile(99), ratio, limit, verdict)
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
	return o.serving(ctx, "PostgreSQL", url, filepath.Join(dir, "postgres"), func(w *world, s *server) error {
		if err := o.uncontended(ctx, w, s); err != nil {
			return err
		}
		for _, against := range []struct {
			conns  int
			script string
			limit  float64
		}{{64, "one", 0.8}, {16, "six", 1}} {
			alone, err := pgbench(ctx, o, reference, against.script, against.conns)
			if err != nil {
				return err
			}
			row(fmt.Sprintf("pgbench, %s, %d connections", against.script, against.conns), alone, result{}, 1, 0)
			r, err := s.load(ctx, o, against.conns, w.requests(false))
			if err != nil {
				return err
			}
			row(fmt.Sprintf("requests, unknown, %d connections", against.conns), r.perSecond(), r, r.perSecond()/alone, against.limit)
			if err := w.printBacklog(ctx); err != nil {
				return err
			}
		}
		six, err := pgbench(ctx, o, reference, "six", 64)
		if err != nil {
			return err
		}
		row("pgbench, six, 64 connections", six, result{}, 1, 0)
		return o.known(ctx, w, s, six)
	})
}

// known requests links for accounts, and then counts the emails of the backlog.
func (o options) known(ctx context.Context, w *world, s *server, six float64) error {
	r, err := s.load(ctx, o, 64, w.requests(true))
	if err != nil {
		return err
	}
	row("requests, known, 64 connections", r.perSecond(), r, r.perSecond()/six, 0.5)
	waiting, err := w.backlog(ctx)
	if err != nil {
		return err
	}
	row("  deliveries waiting then", float64(waiting), result{}, 0, 0)
	before, err := w.sent(ctx)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := w.drained(ctx, o.duration); err != nil {
		return err
	}
	after, err := w.sent(ctx)
	emails := float64(after-before) / time.Since(began).Seconds()
	row("emails afterwards, limit 1,000/s", emails, result{}, emails/1000, 1)
	if err != nil {
		return err
	}
	memory, err := s.Memory(ctx)
	row("MiB after all this, limit 64", memory, result{}, 64/memory, 1)
	return err
}

func (w *world) printBacklog(ctx context.Context) error {
	n, err := w.backlog(ctx)
	row("  deliveries waiting then", float64(n), result{}, 0, 0)
	if err != nil {
		return err
	}
	return w.drained(ctx, time.Minute)
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
	long := o
	long.duration = time.Minute // it ends with the links
	if r, err = s.load(ctx, long, 16, w.uses()); err != nil {
		return err
	}
	after, err := hashesPerSecond(ctx, o)
	alone := (before + after) / 2
	row("argon2id alone", alone, result{}, 1, 0)
	row("use of a link", r.perSecond(), r, r.perSecond()/alone, 0.9)
	return err
}

func (o options) onSQLite(ctx context.Context, dir string) error {
	return o.serving(ctx, "SQLite", "sqlite:"+filepath.Join(dir, "bench.db"), filepath.Join(dir, "sqlite"), func(w *world, s *server) error {
		if err := o.uncontended(ctx, w, s); err != nil {
			return err
		}
		for _, against := range []struct {
			conns int
			limit float64
		}{{16, 2}, {64, 5}} {
			alone, err := sqliteInserts(ctx, o, filepath.Join(dir, fmt.Sprintf("reference-%d.db", against.conns)))
			if err != nil {
				return err
			}
			row("one insert for each transaction", alone, result{}, 1, 0)
			r, err := s.load(ctx, o, against.conns, w.requests(false))
			if err != nil {
				return err
			}
			row(fmt.Sprintf("requests, unknown, %d connections", against.conns), r.perSecond(), r, r.perSecond()/alone, against.limit)
			if err := w.printBacklog(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// serving calls f while the program runs on a database.
func (o options) serving(ctx context.Context, product, url, dir string, f func(*world, *server) error) error {
	fmt.Printf("\n%s\n", product)
	w, err := prepare(ctx, o, url)
	if err != nil {
		return err
	}
	defer w.close()
	s, err := start(ctx, o, url, dir)
	if err != nil {
		return err
	}
	defer s.stop()
	return f(w, s)
}
