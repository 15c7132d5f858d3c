// Command measure measures the built program from outside:
//
//	measure load      requests, uses of links, memory
//	measure timing    whether the time of an answer reveals which addresses have accounts
//	measure search    the support pages among millions of resets
//
// A figure from one machine at one time means little, so each row also contains a
// reference and the ratio.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"resetd/internal/tools/measure/load"
	"resetd/internal/tools/measure/search"
	"resetd/internal/tools/measure/timing"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

var measurements = map[string]func(context.Context, []string) error{"load": load.Run, "timing": timing.Run, "search": search.Run}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || measurements[args[0]] == nil {
		return errors.New("usage: measure load|timing|search [flags]")
	}
	return measurements[args[0]](ctx, args[1:])
}
