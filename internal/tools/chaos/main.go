// Command chaos causes faults while clients use the built program, and then checks the
// program's promises: no acknowledged request is lost, no link works twice, every email
// is sent at least once, and the service recovers without an operator.
//
// It does not trust the program's own reports. Each request sends its own User-Agent,
// which is stored in the request's row. Each use of a link sends its own User-Agent and
// sets its own password. So the answers that the clients received can be compared with
// the database, which is read with plain SQL, with the emails that the mail server
// accepted, and with the passwords that sign in.
//
// A killed process loses only the data in its memory: the system keeps its writes.
// Power failures are not tested.
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

// random returns a separate random source for each client. A seed repeats the choices of
// the clients, but not their timing relative to the faults.
func (o options) random(stream int) *rand.Rand {
	return rand.New(rand.NewPCG(o.seed, uint64(stream))) //nolint:gosec // must be repeatable
}

// within returns a random time shorter than d.
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
	flag.Uint64Var(&o.seed, "seed", rand.Uint64(), "of the random choices of clients and faults") //nolint:gosec // not a secret
	flag.DurationVar(&o.every, "every", 50*time.Millisecond, "pause of each client before it asks for a link, on average")
	flag.Parse()
	// If the reader of the output ends, the servers must still be stopped.
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

// try runs the wanted parts on one database.
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
