// Package postgres starts PostgreSQL servers for tests and trials. Each server
// has all its files in one folder, listens on the loopback interface alone, and
// can be stopped and started again. Every user of the machine can connect to the
// loopback interface, hence the random password.
//
// On Linux a server dies with the process that started it, and a process counts
// as dead when the thread that started the server ends. The caller's goroutine
// should hold its thread (runtime.LockOSThread).
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

// URLVariable names the server on which tests may make databases.
const URLVariable = "RESETD_TEST_DATABASE_URL"

const (
	superuser = "resetd"

	startAttempts = 3           // a free port may be taken before the server has it
	patience      = time.Minute // for a start or a stop, on a slow machine under load
	pollEvery     = 20 * time.Millisecond
)

// Options are what the server's user may choose.
type Options struct {
	Durable  bool     // survive a crash, as a server in production does
	Settings []string // name=value
}

// Cluster is one PostgreSQL server.
type Cluster struct {
	options  Options
	programs string // folder of initdb and postgres
	dir      string
	password string
	addr     string
	owner    *syscall.Credential // nil for the current user

	postgres *exec.Cmd
	ended    chan struct{} // closed after err is set
	err      error
}

// Start makes an empty server and returns when it answers.
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

// URL is the address of one of the server's databases. A new server has the
// database postgres.
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

// init makes the server's files. Locale C is the one that every system has.
func (c *Cluster) init(ctx context.Context) error {
	password := c.path("password")
	if err := os.WriteFile(password, []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	if c.owner != nil {
		uid, gid := int(c.owner.Uid), int(c.owner.Gid)
		if err := errors.Join(os.Chown(c.dir, uid, gid), os.Chown(password, uid, gid)); err != nil {
			return err
		}
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
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with its helpers
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (c *Cluster) path(name string) string { return filepath.Join(c.dir, name) }

// remove deletes all files. A process that has just been killed may still be
// writing one, so it tries for a while.
func (c *Cluster) remove() error {
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(pollEvery) {
		if err = os.RemoveAll(c.dir); err == nil {
			return nil
		}
	}
	return err
}

// command prepares a PostgreSQL program to run as the owner, with nothing of
// our environment that could change how it behaves, such as PGDATA or LANG. In a
// process group of its own no Ctrl-C of a terminal reaches it.
func (c *Cluster) command(ctx context.Context, death syscall.Signal, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.programs, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = DiesWithParent(death)
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Credential = c.owner
	return cmd
}
