// Command chaos breaks things under the built program while clients use it, and
// then checks that it kept its promises: no acknowledged request is lost, no
// link works twice, every mail goes out at least once, and nothing needs a hand
// to recover.
//
// It believes nothing that the program says about itself. Each request carries a
// User-Agent of its own, which ends up in the request's row, and each attempt
// to use a link another, with a password that nobody else sets. So the ledger of
// what clients were told can be held, line by line, against the database, which
// is read by plain SQL, against the mails that the mail server took, and against
// the passwords that sign in.
//
// A killed process loses what it has in memory, and no more: what it wrote is
// kept by the system. Power that fails is not tried here.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

type options struct {
	binary, only        string
	kills, stops, fills int
	seed                uint64
	every               time.Duration
}

// random is a source of its own for each client. The seed repeats what they
// choose; how it meets the faults is left to the machine.
func (o options) random(stream int) *rand.Rand {
	return rand.New(rand.NewPCG(o.seed, uint64(stream))) //nolint:gosec // chosen to be repeatable
}

// within is a random time, shorter than d.
func within(rng *rand.Rand, d time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(d)))
}

func main() {
	runtime.LockOSThread() // PostgreSQL ends with the thread that starts it
	var o options
	flag.StringVar(&o.binary, "binary", "bin/resetd", "the program to try")
	flag.StringVar(&o.only, "only", "", "parts, with commas: sqlite, postgresql, kills, stops, full disk, clock, sqlite/kills and so on")
	flag.IntVar(&o.kills, "kills", 1000, "how often the process is killed on each database")
	flag.IntVar(&o.stops, "stops", 20, "how often PostgreSQL is stopped")
	flag.IntVar(&o.fills, "fills", 10, "how often the disk is filled")
	flag.Uint64Var(&o.seed, "seed", rand.Uint64(), "of what clients and faults choose") //nolint:gosec // nothing secret
	flag.DurationVar(&o.every, "every", 50*time.Millisecond, "pause of each client before it asks for a link, on average")
	flag.Parse()
	// Whoever stops reading the output must not leave servers behind.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	var err error
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	s := &stand{options: o}
	if !slices.ContainsFunc(s.parts(), func(p part) bool { return p.wanted(o.only) }) {
		return fmt.Errorf("-only %q names no part", o.only)
	}
	if s.dir, err = os.MkdirTemp("", "resetd-chaos-*"); err != nil {
		return err
	}
	defer s.close()
	fmt.Printf("seed %d\n\n", o.seed)
	broken := 0
	for _, database := range []string{"SQLite", "PostgreSQL"} {
		outcomes, err := s.try(ctx, database)
		if len(outcomes) > 0 {
			printTable(os.Stdout, database, outcomes)
		}
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			if o.trial != nil {
				broken += len(o.trial.verdict.broken())
			}
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d promises broken", broken)
	}
	return nil
}

// try does the wanted parts on one database.
func (s *stand) try(ctx context.Context, database string) (outcomes []outcome, err error) {
	for _, p := range s.parts() {
		if p.database != database || !p.wanted(s.only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", p.database, p.name)
		t, err := p.run(ctx, p)
		outcomes = append(outcomes, outcome{p, t, err})
		if err != nil && !errors.Is(err, errNotDone) {
			return outcomes, fmt.Errorf("%s, %s: %w", p.database, p.name, err)
		}
	}
	return outcomes, nil
}
