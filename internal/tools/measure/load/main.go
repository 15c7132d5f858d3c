// Package load measures the built program from outside, on both databases: requests and
// uses per second, the time of each, and memory.
//
// A figure from one machine at one time means little. So each run also measures a
// reference and prints the ratio. The reference of a request is an answer that does
// nothing (/healthz), that of the use of a link is its hash alone.
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
	conns    int
	accounts int
	uses     int
}

// Run measures with the given flags.
func Run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("measure load", flag.ExitOnError)
	flags.StringVar(&o.binary, "binary", "bin/resetd", "the program to measure")
	flags.DurationVar(&o.duration, "duration", 8*time.Second, "how long each load lasts")
	flags.IntVar(&o.conns, "conns", 16, "connections at once")
	flags.IntVar(&o.accounts, "accounts", 20_000, "accounts in the database")
	flags.IntVar(&o.uses, "uses", 400, "links to use")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return run(ctx, o)
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "resetd-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	fmt.Printf("%d connections, %d accounts\n", o.conns, o.accounts)
	postgres, drop, err := testkit.NewPostgres(ctx, "")
	if err != nil {
		return err
	}
	defer drop()
	for _, db := range []struct{ name, url string }{
		{"sqlite", "sqlite:" + filepath.Join(dir, "bench.db")},
		{"postgres", postgres},
	} {
		if err := measure(ctx, o, db.name, db.url, filepath.Join(dir, db.name)); err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
	}
	return nil
}

// measure runs every load on one database and prints a table.
func measure(ctx context.Context, o options, name, url, dir string) error {
	w, err := prepare(ctx, o, url)
	if err != nil {
		return err
	}
	defer w.close()
	s, err := start(ctx, o, url, dir)
	if err != nil {
		return err
	}
	defer s.Stop()
	time.Sleep(2 * time.Second)
	idle, err := s.Memory(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s: first answer %d ms after start, %.1f MiB idle\n", name, s.Started.Milliseconds(), idle)
	fmt.Printf("%-22s %10s %9s %9s %9s %8s\n", "", "a second", "ratio", "p50", "p99", "MiB")
	ceiling := 0.0
	for _, load := range w.loads(o) {
		against := ceiling
		if load.hashes {
			if against, err = hashesPerSecond(ctx, o); err != nil {
				return err
			}
			fmt.Printf("%-22s %10.0f\n", "argon2id alone", against)
		}
		r, err := load.run(ctx, o, s)
		if err != nil {
			return fmt.Errorf("%s: %w", load.name, err)
		}
		memory, err := s.Memory(ctx)
		if err != nil {
			return err
		}
		if load.ceiling {
			ceiling = r.perSecond()
			against = ceiling
		}
		if load.hashes { // the speed of the machine may have changed meanwhile
			after, err := hashesPerSecond(ctx, o)
			if err != nil {
				return err
			}
			fmt.Printf("%-22s %10.0f\n", "argon2id alone, after", after)
			against = (against + after) / 2
		}
		fmt.Printf("%-22s %10.0f %9.2f %9s %9s %8.1f\n", load.name, r.perSecond(), r.perSecond()/against, r.percentile(50), r.percentile(99), memory)
	}
	return nil
}
