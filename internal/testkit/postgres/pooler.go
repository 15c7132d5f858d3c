package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"resetd/internal/testkit/loopback"
)

// Pooler is a PgBouncer in transaction mode. It runs each transaction on any of its
// few connections to the server.
type Pooler struct {
	addr string
	dir  string
	cmd  *exec.Cmd
}

// StartPooler starts a PgBouncer in front of the server of a URL, with its user. The
// settings are further lines of its configuration, name=value.
func StartPooler(ctx context.Context, serverURL string, settings ...string) (*Pooler, error) {
	program, err := findPooler()
	if err != nil {
		return nil, err
	}
	p := &Pooler{}
	if p.addr, err = loopback.FreeAddr(ctx); err != nil {
		return nil, err
	}
	if p.dir, err = os.MkdirTemp("", "resetd-pgbouncer-*"); err != nil {
		return nil, err
	}
	if err = p.start(ctx, program, serverURL, settings); err != nil {
		return nil, errors.Join(err, os.RemoveAll(p.dir))
	}
	return p, nil
}

func findPooler() (string, error) {
	if path, err := exec.LookPath("pgbouncer"); err == nil {
		return path, nil
	}
	path, err := exec.LookPath("/usr/sbin/pgbouncer") // Debian; not in everybody's PATH
	if err != nil {
		return "", errors.New("PgBouncer is not installed: run the tests with `make test`")
	}
	return path, nil
}

func (p *Pooler) start(ctx context.Context, program, serverURL string, settings []string) error {
	owner, err := serverOwner() // PgBouncer does not run as root either
	if err != nil {
		return err
	}
	text, err := p.configuration(serverURL, settings)
	if err != nil {
		return err
	}
	file := filepath.Join(p.dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	if err := give(owner, p.dir, file); err != nil {
		return err
	}
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, "-q", file)
	p.cmd.SysProcAttr = DiesWithParent(syscall.SIGQUIT)
	p.cmd.SysProcAttr.Credential = owner
	if err := p.cmd.Start(); err != nil {
		return err
	}
	if err := loopback.Await(ctx, p.addr); err != nil {
		log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
		return errors.Join(fmt.Errorf("pgbouncer: %w\n%s", err, log), p.Close())
	}
	return nil
}

func (p *Pooler) configuration(serverURL string, settings []string) (string, error) {
	u, err := url.Parse(serverURL)
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(p.addr)
	if err != nil {
		return "", err
	}
	password, _ := u.User.Password()
	return fmt.Sprintf("[databases]\n* = host=%s port=%s user=%s password=%s\n[pgbouncer]\nlisten_addr=%s\nlisten_port=%s\n"+
		"unix_socket_dir=\nauth_type=any\npool_mode=transaction\ndefault_pool_size=4\nlogfile=%s\n%s\n",
		u.Hostname(), u.Port(), u.User.Username(), password, host, port, filepath.Join(p.dir, "log"), strings.Join(settings, "\n")), nil
}

// URL returns the URL of a database of the server, through the pooler.
func (p *Pooler) URL(database string) string {
	return (&url.URL{Scheme: "postgres", User: url.User(superuser), Host: p.addr, Path: database, RawQuery: "sslmode=disable"}).String()
}

// Close kills the pooler and removes its files.
func (p *Pooler) Close() error {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // reports the signal
	return os.RemoveAll(p.dir)
}
