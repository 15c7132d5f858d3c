package load

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"resetd/internal/testkit/loopback"
	"resetd/internal/tools/measure/wire"
)

//go:embed django/peer.py
var peerSource []byte

const python = "/usr/bin/python3" // Debian's packages belong to it

// django is a server with Django's own password reset.
type django struct {
	addr string
	cmd  *exec.Cmd
}

func hasDjango(ctx context.Context) bool {
	return exec.CommandContext(ctx, python, "-c", "import django, psycopg2, gunicorn").Run() == nil
}

// startDjango fills an empty database and starts Django on it, with four processes that
// keep their connections open. It returns nil if Django is not installed.
func startDjango(ctx context.Context, dir, databaseURL string) (*django, error) {
	if !hasDjango(ctx) {
		fmt.Println("\nDjango is not installed: python3-django, python3-psycopg2, gunicorn")
		return nil, nil
	}
	if err := os.WriteFile(filepath.Join(dir, "peer.py"), peerSource, 0o600); err != nil {
		return nil, err
	}
	addr, err := loopback.FreeAddr(ctx)
	if err != nil {
		return nil, err
	}
	command := func(name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), "DATABASE_URL="+databaseURL), os.Stderr
		return cmd
	}
	if err := command(python, "peer.py").Run(); err != nil {
		return nil, fmt.Errorf("filling Django's database: %w", err)
	}
	d := &django{addr, command("gunicorn", "--workers", "4", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60", "--log-level", "error", "--bind", addr, "peer")}
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	return d, loopback.Await(ctx, addr)
}

func (d *django) stop() {
	_ = d.cmd.Process.Signal(os.Interrupt)
	_ = d.cmd.Wait()
}

// requests measures requests for addresses without an account. Django's protection
// against forged requests accepts any token that the form repeats.
func (d *django) requests(ctx context.Context, o options) (float64, error) {
	const token = "0123456789abcdefghijklmnopqrstuv"
	r, err := load(ctx, "http://"+d.addr, o, 16, func(c *wire.Conn, n int) (time.Duration, bool, error) {
		form := url.Values{"csrfmiddlewaretoken": {token}, "email": {fmt.Sprintf("nobody%d@example.org", n)}}
		took, err := c.Post("/reset/", "csrftoken="+token, form.Encode(), http.StatusFound)
		return took, false, err
	})
	return r.perSecond(), err
}
