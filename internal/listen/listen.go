// Package listen opens the listener of the service: a TCP address, a Unix socket, or a
// socket that systemd has opened. It reads the certificate for TLS.
package listen

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"
)

// socketMode lets a proxy in the service's group connect.
const socketMode = 0o660

// UnixPath returns the path of an address unix:PATH.
func UnixPath(addr string) (path string, ok bool) { return strings.CutPrefix(addr, "unix:") }

// Open is At, unless systemd passes on a socket (sd_listen_fds(3)): then that is the
// listener, and addr is not used.
func Open(ctx context.Context, addr string) (net.Listener, error) {
	passed, err := activation.Listeners()
	switch {
	case err != nil:
		return nil, fmt.Errorf("sockets of systemd: %w", err)
	case len(passed) > 1:
		return nil, fmt.Errorf("systemd passes on %d sockets, want one", len(passed))
	case len(passed) == 1:
		return passed[0], nil
	}
	return At(ctx, addr)
}

// At listens at HOST:PORT or unix:PATH.
func At(ctx context.Context, addr string) (net.Listener, error) {
	if path, ok := UnixPath(addr); ok {
		return unix(ctx, path)
	}
	return (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
}

func unix(ctx context.Context, path string) (net.Listener, error) {
	if err := removeStale(ctx, path); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// removeStale removes the socket of a process that was killed. It never removes another
// file, nor a socket at which somebody listens.
func removeStale(ctx context.Context, path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s exists and is not a socket", path)
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
	if err == nil {
		return errors.Join(fmt.Errorf("another process listens at %s", path), conn.Close())
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}
