// Package postfix starts Debian's Postfix for tests and trials. Each server keeps its
// configuration, its queue and its log in one folder, listens only on the loopback
// interface, and accepts emails only over TLS. Postfix needs root.
package postfix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"

	"resetd/internal/testkit/loopback"
)

// Server is one Postfix.
type Server struct {
	Dir  string // its folder, which Postfix calls $config_directory
	Addr string
}

// New prepares a server that does not run yet. The settings are lines of its main.cf:
// where the accepted emails go.
func New(ctx context.Context, settings string) (*Server, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("postfix needs root")
	}
	owner, err := user.Lookup("postfix")
	if err != nil {
		return nil, err
	}
	s := &Server{}
	if s.Addr, err = loopback.FreeAddr(ctx); err != nil {
		return nil, err
	}
	if s.Dir, err = os.MkdirTemp("", "resetd-postfix-*"); err != nil {
		return nil, err
	}
	if err := s.configure(ctx, settings, owner); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.Dir))
	}
	return s, nil
}

func (s *Server) configure(ctx context.Context, settings string, owner *user.User) error {
	if err := os.Chmod(s.Dir, 0o755); err != nil {
		return err
	}
	for _, folder := range []string{"queue", "data", "mail"} {
		if err := os.Mkdir(s.path(folder), 0o755); err != nil {
			return err
		}
	}
	return errors.Join(
		run(ctx, "chown", "-R", "postfix", s.path("data"), s.path("mail")),
		s.Write("main.cf", fmt.Sprintf(mainCf, s.Dir, owner.Uid, owner.Gid)+settings),
		s.Write("master.cf", fmt.Sprintf(masterCf, s.Addr)),
		run(ctx, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mx.example.org",
			"-addext", "subjectAltName=IP:127.0.0.1", "-keyout", s.path("key.pem"), "-out", s.path("cert.pem")))
}

// URL returns the value of RESETD_MAIL_URL.
func (s *Server) URL() string {
	return "smtp://" + s.Addr + "?ca=" + url.QueryEscape(s.path("cert.pem"))
}

// Start starts a stopped server, and returns when it accepts connections.
func (s *Server) Start(ctx context.Context) error {
	if err := s.command(ctx, "start"); err != nil {
		return err
	}
	if err := loopback.Await(ctx, s.Addr); err != nil {
		return fmt.Errorf("postfix does not answer: %w\n%s", err, s.Log())
	}
	return nil
}

// Stop stops the server. Its queue stays.
func (s *Server) Stop(ctx context.Context) error { return s.command(ctx, "stop") }

// Reload makes the server read changed files.
func (s *Server) Reload(ctx context.Context) error { return s.command(ctx, "reload") }

// Close stops the server, if it runs, and removes its files.
func (s *Server) Close() error {
	_ = s.Stop(context.Background()) // fails if it does not run
	return os.RemoveAll(s.Dir)
}

// Queued returns the number of accepted emails that the server has not passed on yet.
func (s *Server) Queued() (n int) {
	for _, folder := range []string{"maildrop", "incoming", "active", "deferred"} {
		// Files disappear meanwhile, which is no error.
		_ = filepath.WalkDir(s.path(filepath.Join("queue", folder)), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				n++
			}
			return nil
		})
	}
	return n
}

// Write writes a file in the server's folder.
func (s *Server) Write(name, text string) error {
	return os.WriteFile(s.path(name), []byte(text), 0o644)
}

// Log returns the server's log.
func (s *Server) Log() string {
	text, _ := os.ReadFile(s.path("postfix.log"))
	return string(text)
}

func (s *Server) path(name string) string { return filepath.Join(s.Dir, name) }

func (s *Server) command(ctx context.Context, verb string) error {
	return run(ctx, "postfix", "-c", s.Dir, verb)
}

func run(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}
