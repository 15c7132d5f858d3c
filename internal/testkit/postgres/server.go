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

// start starts the server at a free address.
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

// Restart starts a stopped server at its old address. It returns when the server
// answers.
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
	ctx, cancel := context.WithTimeout(ctx, timeout)
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

// Stop shuts the server down (SIGINT) and closes its connections.
func (c *Cluster) Stop() error {
	c.signal(syscall.SIGINT)
	return c.err
}

// Crash stops the server without a shutdown (SIGQUIT). The next start recovers from the
// write-ahead log.
func (c *Cluster) Crash() { c.signal(syscall.SIGQUIT) }

// signal sends s and waits for the end of the server. It kills the server after the
// timeout.
func (c *Cluster) signal(s syscall.Signal) {
	_ = c.postgres.Process.Signal(s) // fails if the server has ended already
	select {
	case <-c.ended:
	case <-time.After(timeout):
		_ = c.postgres.Process.Kill()
		<-c.ended
	}
}

// Wait waits for the end of ctx and returns nil. If the server ends first, it returns an
// error.
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
		"unix_socket_directories=", // the path of a temporary folder can be too long for a socket
		"max_connections=200",      // many tests run at once, each with its own pool
		"timezone=UTC", "log_timezone=UTC",
	}
	if !c.options.Durable {
		// These settings make the tests several times faster. A crash can lose data,
		// which does not matter for tests.
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	args := []string{"-D", c.path("data")}
	for _, setting := range append(settings, c.options.Settings...) {
		args = append(args, "-c", setting)
	}
	return args
}

// ready reports whether the server accepts connections. It reads the pid file, like
// pg_ctl. The first line is the process id, and the eighth line is the state.
func (c *Cluster) ready() bool {
	file, err := os.ReadFile(c.path("data/postmaster.pid"))
	if err != nil {
		return false // not written yet
	}
	const stateLine = 7
	lines := strings.Split(string(file), "\n")
	return len(lines) > stateLine && lines[0] == strconv.Itoa(c.postgres.Process.Pid) && strings.TrimSpace(lines[stateLine]) == "ready"
}

// failure returns an error with the end of the server's log.
func (c *Cluster) failure() error {
	const maxBytes = 2000
	log, err := os.ReadFile(c.path("log"))
	if err != nil {
		return errors.Join(c.err, err)
	}
	log = bytes.TrimSpace(log[max(0, len(log)-maxBytes):])
	return errors.Join(fmt.Errorf("postgres ended:\n%s", log), c.err)
}
