// Package timing measures whether the time of an answer reveals which addresses have
// accounts. It sends requests to the built program over one connection, on both
// databases, and compares each kind of address with known addresses.
//
// To avoid false results, everything except the kind of an address is random:
//
//   - The order of all requests is one shuffle. Blocks with one request of each kind
//     are not enough: a known address would then rarely follow a known one, but the
//     work that a request leaves behind, such as an email, delays the next request.
//   - All addresses have the same length. Chance decides which of them get accounts
//     and in which order the accounts are stored, and so their places in an index.
//   - Each address is requested equally often. The limits have counted each address
//     before, because the first count is an insert and later ones are updates.
//
// The measurement fails if |t| of Welch's test reaches 4.5, for all samples or for the
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

	"resetd/internal/testkit"
)

type options struct {
	requests int
	signIns  int
	emails   int
}

// Run measures with the given flags. It fails if the time reveals which addresses have
// accounts.
func Run(ctx context.Context, args []string) error {
	var o options
	flags := flag.NewFlagSet("measure timing", flag.ExitOnError)
	flags.IntVar(&o.requests, "requests", 20_000, "requests for addresses of each kind")
	flags.IntVar(&o.signIns, "sign-ins", 1000, "sign-ins of each kind, or 0; each takes a hash")
	flags.IntVar(&o.emails, "emails", 500, "attacks on the emails of each kind, or 0")
	if err := flags.Parse(args); err != nil {
		return err
	}
	// A garbage collection here would look like a slow answer.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(512 << 20)
	return run(ctx, o)
}

var errRevealed = errors.New("the time reveals which addresses have accounts")

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "resetd-timing-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Printf("%d requests and %d sign-ins of each kind; times in µs\n", o.requests, o.signIns)
	postgres, drop, err := testkit.NewPostgres(ctx, "")
	if err != nil {
		return err
	}
	defer drop()
	differ := false
	for _, db := range []struct{ name, url string }{
		{"sqlite", "sqlite:" + filepath.Join(dir, "timing.db")},
		{"postgres", postgres},
	} {
		found, err := measure(ctx, o, db.name, db.url, filepath.Join(dir, db.name))
		if err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
		differ = differ || found
	}
	if differ {
		return errRevealed
	}
	return nil
}

// measure measures all series on one database and prints them.
func measure(ctx context.Context, o options, name, url, dir string) (differ bool, err error) {
	w, err := prepare(ctx, o, url)
	if err != nil {
		return false, err
	}
	mails, err := startEmails(dir)
	if err != nil {
		return false, err
	}
	defer mails.sink.Close()
	if differ, err = w.measureEmails(ctx, o, name, url, mails); err != nil {
		return false, err
	}
	running, err := start(ctx, url, "file:"+dir+"/mails", fmt.Sprintf("%d/24h", atMost))
	if err != nil {
		return false, err
	}
	defer running.Stop()
	for _, s := range w.series(o) {
		if s.times == 0 {
			continue
		}
		samples, err := s.run(ctx, running.URL)
		if err != nil {
			return false, fmt.Errorf("%s: %w", s.name, err)
		}
		found := report(os.Stdout, name+", "+s.name, s.kinds, samples)
		differ = differ || found
	}
	return differ, nil
}

func (w *world) measureEmails(ctx context.Context, o options, name, url string, mails *emails) (differ bool, err error) {
	if o.emails == 0 {
		return false, nil
	}
	running, err := start(ctx, url, mails.sink.URL(), "0")
	if err != nil {
		return false, err
	}
	defer running.Stop()
	samples, err := mails.run(ctx, running.URL, [][]string{w.known, w.unknown}, o.emails)
	if err != nil {
		return false, fmt.Errorf("emails: %w", err)
	}
	return report(os.Stdout, name+", another email after", []kind{{name: "known"}, {name: "unknown"}}, samples), nil
}
