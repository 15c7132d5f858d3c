package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Tests fail, hang and are interrupted, so the server does not depend on the
// command ending well. A second process, the keeper, runs the server and reads
// from a pipe whose other end the command holds and nobody else. However that
// ends, kill -9 included, the pipe closes, and the keeper stops the server and
// removes its files. The keeper is in a session of its own, where no Ctrl-C
// reaches it. On Linux the server also dies with the keeper.

// keep runs a server until standard input ends, and removes it. It prints the
// server's URL when the server answers.
func keep(o options) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	programs, err := findServer()
	if err != nil {
		return err
	}
	c, err := newCluster(programs, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.remove()) }()

	err = c.init(ctx)
	if err == nil {
		err = c.start(ctx)
	}
	if err == nil {
		fmt.Println(c.url())
		err = c.wait()
	}
	if ctx.Err() != nil {
		return nil // told to stop
	}
	return err
}
