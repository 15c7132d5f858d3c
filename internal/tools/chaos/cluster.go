package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// cluster is a separate PostgreSQL server with the default, durable settings. It can be
// stopped and started again.
type cluster struct {
	programs string // folder of initdb and postgres
	dir      string
	password string
	port     int
	owner    *syscall.Credential // nil for the current user
	postgres *exec.Cmd
}

const superuser = "resetd"

// startCluster creates an empty server in a new folder.
func startCluster(ctx context.Context, programs string) (*cluster, error) {
	c := &cluster{programs: programs, password: rand.Text()}
	var err error
	if c.owner, err = serverOwner(); err != nil {
		return nil, err
	}
	if c.port, err = lowPort(ctx); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "resetd-chaos-postgres-*"); err != nil {
		return nil, err
	}
	if err = c.init(ctx); err == nil {
		err = c.start(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	return c, nil
}

// serverOwner returns the user to run the server, because PostgreSQL refuses to run as
// root.
func serverOwner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errUID, errGID)
}

func (c *cluster) init(ctx context.Context) error {
	secret := filepath.Join(c.dir, "password")
	if err := os.WriteFile(secret, []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	if c.owner != nil {
		uid, gid := int(c.owner.Uid), int(c.owner.Gid)
		if err := errors.Join(os.Chown(c.dir, uid, gid), os.Chown(secret, uid, gid)); err != nil {
			return err
		}
	}
	init := c.command(ctx, "initdb", "-D", c.data(), "--username="+superuser, "--auth=scram-sha-256",
		"--pwfile="+secret, "--encoding=UTF8", "--locale=C")
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.programs, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	// In a separate process group, Ctrl-C in a terminal does not stop it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.owner}
	return cmd
}

// start returns when the server answers.
func (c *cluster) start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(c.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the server has its own descriptor
	// Only stop ends the server.
	c.postgres = c.command(context.WithoutCancel(ctx), "postgres", "-D", c.data(), "-c", "listen_addresses=127.0.0.1",
		"-c", "port="+strconv.Itoa(c.port), "-c", "unix_socket_directories=", "-c", "timezone=UTC")
	c.postgres.Stdout, c.postgres.Stderr = log, log
	if err := c.postgres.Start(); err != nil {
		return err
	}
	for range 3000 {
		if err = c.exec(ctx, "SELECT 1"); err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.Join(fmt.Errorf("postgres does not respond: %w", err), c.stop(syscall.SIGQUIT))
}

// stop ends the server: SIGINT is a fast shutdown, SIGQUIT is like a crash.
func (c *cluster) stop(how syscall.Signal) error {
	if err := c.postgres.Process.Signal(how); err != nil {
		return err
	}
	if err := c.postgres.Wait(); err != nil && how != syscall.SIGQUIT {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

func (c *cluster) close() {
	_ = c.stop(syscall.SIGQUIT)
	_ = os.RemoveAll(c.dir)
}

// newDatabase creates an empty database and returns its URL.
func (c *cluster) newDatabase(ctx context.Context, name string) (string, error) {
	return c.url(name), c.exec(ctx, "CREATE DATABASE "+name)
}

func (c *cluster) url(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, c.password),
		Host: "127.0.0.1:" + strconv.Itoa(c.port), Path: database, RawQuery: "sslmode=disable&connect_timeout=5",
	}
	return u.String()
}

func (c *cluster) exec(ctx context.Context, statement string) error {
	db, err := sql.Open("postgres", c.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statement)
	return err
}
