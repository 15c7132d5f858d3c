package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"resetd/internal/testkit/loopback"
)

// start gives the server an address and starts it.
func (c *Cluster) start(ctx context.Context) (err error) {
	for range startAttempts {
		if c.addr, err = loopback.FreeAddr(ctx); err != nil {
			return err
		}
		if err = c.Restart(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// Restart starts a stopped server at the address that it had, and returns when
// it answers.
func (c *Cluster) Restart(ctx context.Context) error {
	log, err := os.Create(c.path("log"))
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own descriptor
	cmd := c.command(context.WithoutCancel(ctx), syscall.SIGQUIT, "postgres", c.arguments()...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	c.postgres, c.ended = cmd, make(chan struct{})
	go func() {
		c.err = cmd.Wait()
		close(c.ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for !c.ready() {
		select {
		case <-c.ended:
			return c.failure()
		case <-ctx.Done():
			c.Crash()
			return errors.Join(ctx.Err(), c.failure())
		case <-time.After(pollEvery):
		}
	}
	return nil
}

// Stop shuts the server down (SIGINT), which ends its connections.
func (c *Cluster) Stop() error {
	c.end(syscall.SIGINT)
	return c.err
}

// Crash ends the server at once (SIGQUIT). The next start has to recover from
// the write-ahead log.
func (c *Cluster) Crash() { c.end(syscall.SIGQUIT) }

func (c *Cluster) end(how syscall.Signal) {
	_ = c.postgres.Process.Signal(how) // the server may have ended by itself
	select {
	case <-c.ended:
	case <-time.After(patience):
		_ = c.postgres.Process.Kill()
		<-c.ended
	}
}

// Wait returns nil when ctx ends, and an error if the server ends before.
func (c *Cluster) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-c.ended:
		return c.failure()
	}
}

func (c *Cluster) arguments() []string {
	host, port, _ := net.SplitHostPort(c.addr)
	settings := []string{
		"listen_addresses=" + host, "port=" + port,
		"unix_socket_directories=", // a temporary folder's path can be too long for a socket
		"max_connections=200",      // many tests, each with a pool of its own
		"timezone=UTC", "log_timezone=UTC",
	}
	if !c.options.Durable {
		// A crash would lose or corrupt data, which are thrown away in any case.
		// The tests are several times faster.
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	args := []string{"-D", c.path("data")}
	for _, setting := range append(settings, c.options.Settings...) {
		args = append(args, "-c", setting)
	}
	return args
}

// ready reads what pg_ctl reads. The server notes its process on the first line
// of its pid file, and its state on the eighth.
func (c *Cluster) ready() bool {
	file, err := os.ReadFile(c.path("data/postmaster.pid"))
	if err != nil {
		return false // not written yet
	}
	const stateLine = 7
	lines := strings.Split(string(file), "\n")
	return len(lines) > stateLine && lines[0] == strconv.Itoa(c.postgres.Process.Pid) && strings.TrimSpace(lines[stateLine]) == "ready"
}

// failure returns why the server ended, with the last lines of its log.
func (c *Cluster) failure() error {
	const lastWords = 2000
	log, err := os.ReadFile(c.path("log"))
	if err != nil {
		return errors.Join(c.err, err)
	}
	log = bytes.TrimSpace(log[max(0, len(log)-lastWords):])
	return errors.Join(fmt.Errorf("postgres ended:\n%s", log), c.err)
}
