// Package timing measures whether the time of an answer tells which addresses
// have accounts. It asks the built program from outside, over one connection, on
// both databases, and compares each kind of address with known ones.
//
// A measurement can fool itself, so everything but the kind of an address is
// drawn by lot:
//
//   - The order of all requests is one shuffle. Blocks that hold each kind once
//     would not do: a known address would then rarely follow a known one, and
//     what a request leaves behind, such as a mail to send, falls on the next.
//   - Addresses have one length, and the lot decides which of them get accounts,
//     in which order the accounts are stored, and thus where in an index one is.
//   - Each address is asked for equally often, and each has been counted by the
//     limits before, since a first count inserts where a later one updates.
//
// It fails where |t| of Welch's test reaches 4.5, over all samples or over the
// fastest ones; see crops.
package timing

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"resetd/internal/testkit"
)

type options struct {
	binary    string
	databases string
	requests  int
	signIns   int
	pause     time.Duration
	memory    int
	passes    int
}

// Run measures as the arguments tell. It fails if the time tells which addresses
// have accounts.
func Run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("measure timing", flag.ExitOnError)
	flags.StringVar(&o.binary, "binary", "bin/resetd", "the program to measure")
	flags.StringVar(&o.databases, "databases", "sqlite,postgres", "which databases, with commas")
	flags.IntVar(&o.requests, "requests", 20_000, "requests for addresses of each kind")
	flags.IntVar(&o.signIns, "sign-ins", 1000, "sign-ins of each kind, or 0; each takes a hash")
	flags.DurationVar(&o.pause, "pause", 0, "between an answer and the next request")
	flags.IntVar(&o.memory, "hash-memory", 19, "MiB a hash takes (RESETD_HASH_MEMORY)")
	flags.IntVar(&o.passes, "hash-passes", 2, "passes of a hash (RESETD_HASH_PASSES)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	// A collection here would look like a slow answer there.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(512 << 20)
	return run(ctx, o)
}

var errTells = errors.New("the time tells which addresses have accounts")

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "resetd-timing-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	fmt.Printf("%d requests and %d sign-ins of each kind; argon2id with %d MiB and %d passes; times in µs\n", o.requests, o.signIns, o.memory, o.passes)
	postgres, drop, err := testkit.NewPostgres(ctx, "")
	if err != nil {
		return err
	}
	defer drop()
	tells := false
	for _, db := range []struct{ name, url string }{
		{"sqlite", "sqlite:" + filepath.Join(dir, "timing.db")},
		{"postgres", postgres},
	} {
		if !slices.Contains(strings.Split(o.databases, ","), db.name) {
			continue
		}
		told, err := measure(ctx, o, db.name, db.url, filepath.Join(dir, db.name))
		if err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
		tells = tells || told
	}
	if tells {
		return errTells
	}
	return nil
}

// measure takes all series on one database and prints them.
func measure(ctx context.Context, o options, name, url, dir string) (tells bool, err error) {
	w, err := prepare(ctx, o, url)
	if err != nil {
		return false, err
	}
	running, err := w.start(ctx, o, url, dir)
	if err != nil {
		return false, err
	}
	defer running.Stop()
	for _, s := range w.series(o) {
		if s.times == 0 {
			continue
		}
		samples, err := s.run(ctx, o, running.URL)
		if err != nil {
			return false, fmt.Errorf("%s: %w", s.name, err)
		}
		told := report(os.Stdout, name+", "+s.name, s.kinds, samples)
		tells = tells || told
	}
	return tells, nil
}
