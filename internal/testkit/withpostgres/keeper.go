package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"resetd/internal/testkit/postgres"
)

// Tests can fail, hang or be killed, and the server must be removed in each case. So a
// second process, the keeper, runs the server. It reads from a pipe, and only the first
// process has the other end. When the first process ends, even by kill -9, the pipe
// closes. Then the keeper stops the server and removes its files. The keeper has its own
// process session (setsid), so Ctrl-C does not reach it. On Linux the server also dies
// with the keeper.

// keep runs a server until standard input ends, and then removes it. It prints the
// server's URL when the server answers.
func keep(o postgres.Options) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	c, err := postgres.Start(ctx, o)
	if err != nil {
		if ctx.Err() != nil {
			return nil // the start was interrupted
		}
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	fmt.Println(c.URL("postgres"))
	return c.Wait(ctx)
}
