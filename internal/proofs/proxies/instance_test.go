//go:build proxies

package proxies

import (
	"net"
	"os"
	"path/filepath"
	"syscall"

	"resetd/internal/testkit/instance"
)

// held is an instance whose socket belongs to a parent process, as under systemd.
type held struct {
	*site
	addr   string
	socket *os.File
	stop   func()
}

func (s *site) instance() *held {
	s.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	h := &held{site: s, addr: l.Addr().String()}
	h.socket, err = l.(*net.TCPListener).File()
	s.must(err)
	s.must(l.Close())
	h.start()
	return h
}

func (h *held) start() {
	h.Helper()
	cmd := instance.Command(h.Context(), "/bin/sh", h.env, "-c", `LISTEN_PID=$$ LISTEN_FDS=1; export LISTEN_PID LISTEN_FDS; exec "$0" serve 2>>"$1"`, binary, filepath.Join(h.dir, "log"))
	cmd.ExtraFiles = []*os.File{h.socket}
	h.must(cmd.Start())
	h.stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }
	h.Cleanup(h.stop)
}

func (h *held) restart() {
	h.Helper()
	h.stop()
	h.start()
}
