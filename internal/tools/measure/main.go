// Command measure measures the built program from outside.
//
//	measure search    searches of the support pages among millions of resets
//
// A figure of one machine at one moment says little, so each row also has the
// limit that it is compared with, and the ratio.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "search" {
		return fmt.Errorf("usage: measure search [flags]")
	}
	var o searchOptions
	flags := flag.NewFlagSet("measure search", flag.ExitOnError)
	flags.StringVar(&o.binary, "binary", "bin/resetd", "the program to measure")
	flags.IntVar(&o.postgres, "postgres", 10_000_000, "how many resets PostgreSQL has; 0: leave it out")
	flags.IntVar(&o.sqlite, "sqlite", 1_000_000, "how many resets SQLite has; 0: leave it out")
	flags.StringVar(&o.database, "database", "", "measure this database alone; it is filled with -postgres resets if it is empty, and kept")
	flags.IntVar(&o.times, "times", 200, "how often each page is requested, at most")
	flags.StringVar(&o.only, "only", "", "only pages whose name contains this")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	return measureSearch(ctx, o)
}
