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
	"strings"
	"syscall"
	"time"
)

type options struct {
	only  string
	kills int
	day   time.Duration
	seed  uint64
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

// wait waits for d or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func main() {
	runtime.LockOSThread() // PostgreSQL ends with the thread that starts it
	var o options
	flag.StringVar(&o.only, "only", "", "parts, with commas: sqlite, postgresql, kills, stops, full disk, sqlite/kills and so on; day is done only if it is named")
	flag.IntVar(&o.kills, "kills", 1000, "how often the process is killed on each database")
	flag.DurationVar(&o.day, "for", 5*time.Minute, "how long the day's operation (-only day) lasts")
	flag.Uint64Var(&o.seed, "seed", rand.Uint64(), "of the random choices of clients and faults") //nolint:gosec // not a secret
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

// part is one kind of fault on one database.
type part struct {
	database, name string
	cause          func(t *trial, ctx context.Context) error
	alone          bool // done only if it is named
}

var parts = []part{
	{"SQLite", "kills", (*trial).kill, false},
	{"SQLite", "full disk", (*trial).fillDisk, false},
	{"PostgreSQL", "kills", (*trial).kill, false},
	{"PostgreSQL", "stops", (*trial).stopServer, false},
	{"PostgreSQL", day, (*trial).operate, true},
	{"SQLite" + withMariaDB, "kills", (*trial).killAtCommits, false},
	{"PostgreSQL" + withMariaDB, "kills", (*trial).killAtCommits, false},
}

// wanted reports whether -only names a part.
func (p part) wanted(only string) bool {
	names := []string{p.name, p.database + "/" + p.name}
	if !p.alone {
		names = append(names, "", p.database)
	}
	for name := range strings.SplitSeq(only, ",") {
		name = strings.TrimSpace(name)
		if slices.ContainsFunc(names, func(ours string) bool { return strings.EqualFold(name, ours) }) {
			return true
		}
	}
	return false
}

func run(ctx context.Context, o options) error {
	wanted := slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return !p.wanted(o.only) })
	if len(wanted) == 0 {
		return fmt.Errorf("-only %q names no part", o.only)
	}
	dir, err := os.MkdirTemp("", "resetd-chaos-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Printf("seed %d\n", o.seed)
	broken := 0
	for _, p := range wanted {
		fmt.Printf("\n%s: %s\n", p.database, p.name)
		n, err := try(ctx, o, p, filepath.Join(dir, p.database, p.name))
		if err != nil && !errors.Is(err, errNotDone) {
			return fmt.Errorf("%s, %s: %w", p.database, p.name, err)
		}
		if err != nil {
			fmt.Println(err)
		}
		broken += n
	}
	if broken > 0 {
		return fmt.Errorf("%d promises broken", broken)
	}
	return nil
}
