// Command benchhistory fills a PostgreSQL with a year of resets, once a million
// and once ten, and measures every search of the record and the overview: the
// first page, the thousandth, and how both grow.
//
// Times are those in the database, from pg_stat_statements, and those of the
// store's calls, which have the round trips and the reading of the rows in them.
// What the searches read is brought into memory first. The exit status is 1 where
// a limit is missed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"resetd/internal/accounts"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

type options struct {
	rows  string
	use   string
	only  string
	times int
}

func main() {
	var o options
	flag.StringVar(&o.rows, "rows", "1000000,10000000", "how many resets, one database each")
	flag.StringVar(&o.use, "use", "", "measure these databases, filled before, instead: URLs with commas")
	flag.StringVar(&o.only, "only", "", "only searches whose name contains this")
	flag.IntVar(&o.times, "times", 100, "how many values each page is asked for, six times each")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "benchhistory:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	var sizes []size
	if o.use != "" {
		for url := range strings.SplitSeq(o.use, ",") {
			s, err := measure(ctx, o, url)
			if err != nil {
				return err
			}
			sizes = append(sizes, s)
		}
		return verdict(sizes)
	}
	for text := range strings.SplitSeq(o.rows, ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		s, err := measureNew(ctx, o, n)
		if err != nil {
			return err
		}
		sizes = append(sizes, s)
	}
	return verdict(sizes)
}

var errMissed = errors.New("the limits are missed")

func verdict(sizes []size) error {
	if printTable(os.Stdout, sizes) > 0 {
		return errMissed
	}
	return nil
}

// measureNew fills a database of its own and drops it afterwards.
func measureNew(ctx context.Context, o options, n int) (size, error) {
	url, drop, err := testkit.NewPostgres(ctx, "")
	if err != nil {
		return size{}, err
	}
	defer drop()
	if err := fill(ctx, url, n); err != nil {
		return size{}, fmt.Errorf("fill with %d: %w", n, err)
	}
	return measure(ctx, o, url)
}

func open(url string) (*store.Store, error) {
	directory, err := accounts.Load(accounts.Builtin)
	if err != nil {
		return nil, err
	}
	return store.Open(url, directory)
}
