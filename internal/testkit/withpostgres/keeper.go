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

// Tests fail, hang and are interrupted, so the server does not depend on the
// command ending well. A second process, the keeper, runs the server and reads
// from a pipe whose other end the command holds and nobody else. However that
// ends, kill -9 included, the pipe closes, and the keeper stops the server and
// removes its files. The keeper is in a session of its own, where no Ctrl-C
// reaches it. On Linux the server also dies with the keeper.

// keep runs a server until standard input ends, and removes it. It prints the
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
			return nil // told to stop
		}
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	fmt.Println(c.URL("postgres"))
	return c.Wait(ctx)
}
