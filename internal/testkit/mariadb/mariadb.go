// Package mariadb starts a MariaDB server for tests and trials. It keeps all its files
// in one folder, listens only on the loopback interface, and has a random password. It
// ends, and its folder is removed, when the process that started it ends.
package mariadb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"resetd/internal/testkit/loopback"
)

const (
	timeout   = time.Minute // of a start, for a slow and busy machine
	pollEvery = 50 * time.Millisecond
)

// keeper runs the server until its standard input is closed, which happens at the
// latest when the test's process ends, and then removes the folder $0.
const keeper = `"$@" >"$0/log" 2>&1 & server=$!; read -r _; kill -9 $server; wait $server; rm -rf "$0"`

// Server is a MariaDB server.
type Server struct {
	dir, addr, password string
	keeper              *exec.Cmd
	lifeline            io.Closer
}

// Start creates and starts an empty server. It returns when the server answers. A
// durable server keeps committed data after a crash, as in production.
func Start(ctx context.Context, durable bool) (s *Server, err error) {
	s = &Server{password: rand.Text()}
	if s.dir, err = os.MkdirTemp("", "maria-*"); err != nil {
		return nil, err
	}
	if err = s.install(ctx); err == nil {
		err = s.run(ctx, durable)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	return s, nil
}

// owner returns the option for the server's user: MariaDB does not run as root.
func owner() []string {
	if os.Geteuid() == 0 {
		return []string{"--user=nobody"}
	}
	return nil
}

func (s *Server) install(ctx context.Context) error {
	program, err := find("mariadb-install-db")
	if err != nil {
		return err
	}
	if owner() != nil {
		if out, err := exec.CommandContext(ctx, "chown", "nobody", s.dir).CombinedOutput(); err != nil {
			return fmt.Errorf("chown: %w: %s", err, out)
		}
	}
	args := append([]string{"--no-defaults", "--datadir=" + s.dir + "/data", "--skip-test-db", "--skip-name-resolve"}, owner()...)
	if out, err := exec.CommandContext(ctx, program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	users := fmt.Sprintf("CREATE USER resetd@'127.0.0.1' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO resetd@'127.0.0.1' WITH GRANT OPTION;\n", s.password)
	return os.WriteFile(s.dir+"/users.sql", []byte(users), 0o644)
}

func (s *Server) run(ctx context.Context, durable bool) error {
	program, err := find("mariadbd")
	if err != nil {
		return err
	}
	if s.addr, err = loopback.FreeAddr(ctx); err != nil {
		return err
	}
	host, port, _ := net.SplitHostPort(s.addr)
	args := append([]string{
		"-c", keeper, s.dir, program, "--no-defaults", "--datadir=" + s.dir + "/data", "--init-file=" + s.dir + "/users.sql",
		"--bind-address=" + host, "--port=" + port, "--socket=" + s.dir + "/socket", "--skip-name-resolve",
		"--character-set-server=utf8mb4", "--innodb-flush-log-at-trx-commit=" + map[bool]string{true: "1", false: "0"}[durable],
	}, owner()...)
	s.keeper = exec.Command("sh", args...)
	s.keeper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C does not reach it
	if s.lifeline, err = s.keeper.StdinPipe(); err != nil {
		return err
	}
	if err := s.keeper.Start(); err != nil {
		return err
	}
	return s.wait(ctx)
}

// wait waits until the server has run users.sql and listens.
func (s *Server) wait(ctx context.Context) error {
	for deadline := time.Now().Add(timeout); ; time.Sleep(pollEvery) {
		log, err := os.ReadFile(s.dir + "/log")
		switch {
		case err == nil && strings.Contains(string(log), "ready for connections"):
			return nil
		case ctx.Err() != nil, time.Now().After(deadline), strings.Contains(string(log), "[ERROR] Aborting"):
			s.Close()
			return fmt.Errorf("MariaDB did not start: %w\n%s", ctx.Err(), log)
		}
	}
}

// URL returns the URL of a database on the server.
func (s *Server) URL(database string) string {
	u := url.URL{Scheme: "mysql", User: url.UserPassword("resetd", s.password), Host: s.addr, Path: database}
	return u.String()
}

// Addr returns the server's host and port.
func (s *Server) Addr() string { return s.addr }

// Close ends the server and removes its files.
func (s *Server) Close() {
	_ = s.lifeline.Close()
	_ = s.keeper.Wait()
}

// find returns the path of one of the server's programs, which are not in every PATH.
func find(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/usr/bin", "/opt/homebrew/opt/mariadb/bin", "/usr/local/opt/mariadb/bin"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name), nil
		}
	}
	return "", errors.New("MariaDB's server programs (mariadb-install-db, mariadbd) are not installed: run the tests with `make test`")
}
