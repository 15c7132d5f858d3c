// Package postgres starts PostgreSQL servers for tests and trials. Each server keeps all
// its files in one folder and listens only on the loopback interface. It can be stopped
// and started again. It has a random password, because every user of the machine can
// connect to the loopback interface.
//
// On Linux the server ends when the process that started it dies. The kernel
// also stops the server when only the thread that started it ends. So the caller should
// lock its goroutine to the thread (runtime.LockOSThread).
package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// URLVariable is the variable with the URL of the server for tests. Tests create their
// databases there.
const URLVariable = "RESETD_TEST_DATABASE_URL"

const (
	superuser = "resetd"

	startAttempts = 3           // another program may take the port first
	timeout       = time.Minute // of a start or a stop, for a slow and busy machine
	pollEvery     = 20 * time.Millisecond
)

// Options configure a server.
type Options struct {
	Durable  bool     // keep committed data after a crash, as in production
	Settings []string // name=value
}

// Cluster is one PostgreSQL server.
type Cluster struct {
	options  Options
	programs string // the folder with initdb and postgres
	dir      string
	password string
	addr     string
	owner    *syscall.Credential // nil for the current user

	postgres *exec.Cmd
	ended    chan struct{} // closed after err is set
	err      error
}

// Start creates and starts an empty server. It returns when the server answers.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	c := &Cluster{options: o, password: rand.Text()}
	var err error
	if c.programs, err = Programs(); err != nil {
		return nil, err
	}
	if c.owner, err = serverOwner(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "resetd-postgres-*"); err != nil {
		return nil, err
	}
	if err = c.init(ctx); err == nil {
		err = c.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// URL returns the URL of a database on the server. A new server has the database
// postgres.
func (c *Cluster) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, c.password),
		Host: c.addr, Path: database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Close crashes the server and removes its files.
func (c *Cluster) Close() error {
	c.Crash()
	return c.remove()
}

// init creates the server's files. It uses the locale C, because every system has it.
func (c *Cluster) init(ctx context.Context) error {
	password := c.path("password")
	if err := os.WriteFile(password, []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	if err := give(c.owner, c.dir, password); err != nil {
		return err
	}
	args := []string{
		"--pgdata=" + c.path("data"), "--username=" + superuser,
		"--auth=scram-sha-256", "--pwfile=" + password,
		"--encoding=UTF8", "--locale=C",
	}
	if !c.options.Durable {
		args = append(args, "--no-sync")
	}
	cmd := c.command(ctx, syscall.SIGKILL, "initdb", args...)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // ends its child processes too
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (c *Cluster) path(name string) string { return filepath.Join(c.dir, name) }

// remove deletes all files. It retries, because a killed process may still write a file
// for a moment.
func (c *Cluster) remove() error {
	var err error
	for deadline := time.Now().Add(timeout); time.Now().Before(deadline); time.Sleep(pollEvery) {
		if err = os.RemoveAll(c.dir); err == nil {
			return nil
		}
	}
	return err
}

// command prepares a PostgreSQL program to run as the owner. It does not inherit
// variables that change its behaviour, such as PGDATA or LANG. It has its own process
// group, so Ctrl-C in a terminal does not reach it.
func (c *Cluster) command(ctx context.Context, death syscall.Signal, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.programs, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = DiesWithParent(death)
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Credential = c.owner
	return cmd
}
