package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	superuser = "resetd"

	startAttempts = 3                // a free port may be taken before the server has it
	startTimeout  = 60 * time.Second // for a slow machine under load
	stopTimeout   = 10 * time.Second // then it is killed
	pollEvery     = 20 * time.Millisecond
)

// cluster is one PostgreSQL server with all its files in one folder.
type cluster struct {
	programs string // folder of initdb and postgres
	dir      string
	options
	password string
	port     int
	owner    *syscall.Credential // nil for the current user

	postgres *exec.Cmd
	ended    chan struct{} // closed after err is set
	err      error
}

// options are what the server's user may choose.
type options struct {
	durable  bool
	settings []string // name=value
}

// flags writes them as the command line has them.
func (o options) flags() []string {
	all := []string{fmt.Sprintf("-durable=%t", o.durable)}
	for _, setting := range o.settings {
		all = append(all, "-set", setting)
	}
	return all
}

func newCluster(programs string, o options) (*cluster, error) {
	owner, err := serverOwner()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "withpostgres-")
	if err != nil {
		return nil, err
	}
	c := &cluster{programs: programs, dir: dir, options: o, owner: owner, password: rand.Text()}
	if err := c.writePassword(); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	return c, nil
}

// writePassword leaves the password where initdb, running as the owner, reads it.
func (c *cluster) writePassword() error {
	if err := os.WriteFile(c.passwordFile(), []byte(c.password+"\n"), 0o600); err != nil {
		return err
	}
	if c.owner == nil {
		return nil
	}
	uid, gid := int(c.owner.Uid), int(c.owner.Gid)
	return errors.Join(os.Chown(c.dir, uid, gid), os.Chown(c.passwordFile(), uid, gid))
}

func (c *cluster) passwordFile() string { return filepath.Join(c.dir, "password") }
func (c *cluster) data() string         { return filepath.Join(c.dir, "data") }
func (c *cluster) log() string          { return filepath.Join(c.dir, "log") }

func (c *cluster) url() string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, c.password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)),
		Path:     "/postgres",
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// init makes the cluster's files. Locale C is the one that every system has.
func (c *cluster) init(ctx context.Context) error {
	args := []string{
		"--pgdata=" + c.data(), "--username=" + superuser,
		"--auth=scram-sha-256", "--pwfile=" + c.passwordFile(),
		"--encoding=UTF8", "--locale=C",
	}
	if !c.durable {
		args = append(args, "--no-sync")
	}
	cmd := c.command(ctx, syscall.SIGKILL, "initdb", args...)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with its helpers
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

// start returns when the server answers. The server stops when ctx ends.
func (c *cluster) start(ctx context.Context) error {
	var err error
	for range startAttempts {
		if c.port, err = freePort(ctx); err != nil {
			return err
		}
		if err = c.startOnce(ctx); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (c *cluster) startOnce(ctx context.Context) error {
	log, err := os.Create(c.log())
	if err != nil {
		return err
	}
	defer log.Close() // the server has its own descriptor

	// SIGQUIT ends the server at once, without a checkpoint: nobody reads its files again.
	c.postgres = c.command(ctx, syscall.SIGQUIT, "postgres", c.arguments()...)
	c.postgres.Stdout, c.postgres.Stderr = log, log
	c.postgres.Cancel = func() error { return c.postgres.Process.Signal(syscall.SIGQUIT) }
	c.postgres.WaitDelay = stopTimeout
	if err := c.postgres.Start(); err != nil {
		return err
	}
	c.ended = make(chan struct{})
	go func() {
		c.err = c.postgres.Wait()
		close(c.ended)
	}()

	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !c.ready() {
		select {
		case <-c.ended:
			return c.failure()
		case <-ctx.Done():
			_ = c.postgres.Process.Kill() // no matter if it has just ended
			<-c.ended
			return fmt.Errorf("postgres did not answer within %v: %w", startTimeout, c.failure())
		case <-time.After(pollEvery):
		}
	}
	return nil
}

func (c *cluster) arguments() []string {
	all := []string{
		"-D", c.data(),
		"-c", "listen_addresses=127.0.0.1", "-c", "port=" + strconv.Itoa(c.port),
		"-c", "unix_socket_directories=", // a temporary folder's path can be too long for a socket
		"-c", "max_connections=200", // many tests, each with a pool of its own
		"-c", "timezone=UTC", "-c", "log_timezone=UTC",
	}
	if !c.durable {
		// Unsafe anywhere else: a crash would lose or corrupt data. Here it
		// is thrown away in any case, and the tests are several times faster.
		all = append(all,
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
	}
	for _, setting := range c.settings {
		all = append(all, "-c", setting)
	}
	return all
}

// ready reads what pg_ctl reads: the server notes its state on the eighth line of its pid file.
func (c *cluster) ready() bool {
	file, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return false // not written yet
	}
	const stateLine = 7
	lines := strings.Split(string(file), "\n")
	return len(lines) > stateLine && strings.TrimSpace(lines[stateLine]) == "ready"
}

// wait returns when the server has ended, however that came.
func (c *cluster) wait() error {
	<-c.ended
	return c.failure()
}

// failure says why the server ended, in its own last words.
func (c *cluster) failure() error {
	const lastWords = 2000
	log, err := os.ReadFile(c.log())
	if err != nil {
		return errors.Join(c.err, err)
	}
	log = bytes.TrimSpace(log[max(0, len(log)-lastWords):])
	return errors.Join(fmt.Errorf("postgres ended:\n%s", log), c.err)
}

// remove deletes all files. A process that has just been killed may still be
// writing one, so it tries for a while.
func (c *cluster) remove() error {
	var err error
	for deadline := time.Now().Add(stopTimeout); time.Now().Before(deadline); time.Sleep(pollEvery) {
		if err = os.RemoveAll(c.dir); err == nil {
			return nil
		}
	}
	return err
}

// command prepares a PostgreSQL program to run as the owner, with nothing of
// our environment that could change how it behaves, such as PGDATA or LANG.
func (c *cluster) command(ctx context.Context, death syscall.Signal, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.programs, name), args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = diesWithParent(death)
	cmd.SysProcAttr.Setpgid = true
	cmd.SysProcAttr.Credential = c.owner
	return cmd
}

// freePort asks the system for a port that nobody listens on.
func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	addr, err := netip.ParseAddrPort(l.Addr().String())
	return int(addr.Port()), err
}
