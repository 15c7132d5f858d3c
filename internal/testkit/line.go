package testkit

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Line is a TCP proxy between a program and PostgreSQL or MariaDB. It counts the round
// trips to PostgreSQL, and a test can cut or freeze it, or lose a reply.
type Line struct {
	URL    string // goes through the line
	Direct string // goes directly to the server
	server string
	trips  atomic.Int64
	lost   atomic.Pointer[string] // see LoseReply

	mu    sync.Mutex
	down  bool
	conns []net.Conn
	ice   chan struct{} // nil: not frozen
}

// NewLine starts a line to a database. It forwards connections until the test cuts it.
func NewLine(t testing.TB, databaseURL string) *Line {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{Direct: databaseURL, server: u.Host}
	u.Host = listener.Addr().String()
	l.URL = u.String()
	t.Cleanup(func() { _ = listener.Close(); l.Thaw(); l.Cut() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.forward(conn)
		}
	}()
	return l
}

func (l *Line) forward(client net.Conn) {
	l.pass()
	server, err := net.Dial("tcp", l.server)
	if err != nil || !l.track(client, server) {
		_ = client.Close()
		if server != nil {
			_ = server.Close()
		}
		return
	}
	go func() { _, _ = io.Copy(gate{l, server}, client); _ = server.Close() }()
	if strings.HasPrefix(l.Direct, "mysql:") {
		_, _ = io.Copy(gate{l, client}, server)
	} else {
		l.forwardAnswers(gate{l, client}, server)
	}
	_ = client.Close()
}

// forwardAnswers forwards the server's messages and counts ReadyForQuery (PostgreSQL
// documentation, section 55.7). The server sends it at the end of each round trip.
func (l *Line) forwardAnswers(client io.Writer, server io.Reader) {
	head := make([]byte, 5)
	for {
		if _, err := io.ReadFull(server, head); err != nil {
			return
		}
		if head[0] == 'Z' {
			l.trips.Add(1)
		}
		body := make([]byte, binary.BigEndian.Uint32(head[1:])-4)
		if _, err := io.ReadFull(server, body); err != nil || head[0] == 'C' && l.loses(string(body)) {
			return
		}
		if _, err := client.Write(slices.Concat(head, body)); err != nil {
			return
		}
	}
}

// LoseReply makes the line break a connection in place of forwarding the next reply that tells
// the completion of a command, such as INSERT or COMMIT.
func (l *Line) LoseReply(command string) { l.lost.Store(&command) }

func (l *Line) loses(completed string) bool {
	command := l.lost.Load()
	return command != nil && strings.HasPrefix(completed, *command) && l.lost.CompareAndSwap(command, nil)
}

// RoundTrips returns the number of round trips so far.
func (l *Line) RoundTrips() int { return int(l.trips.Load()) }

// track reports whether the line is up, and remembers the connections for Cut.
func (l *Line) track(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.down {
		l.conns = append(l.conns, conns...)
	}
	return !l.down
}

// Cut closes all connections and every new one.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

// Freeze keeps all connections open and forwards nothing more. New connections are
// accepted, too.
func (l *Line) Freeze() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ice == nil {
		l.ice = make(chan struct{})
	}
}

// Thaw ends Freeze. What was sent meanwhile arrives.
func (l *Line) Thaw() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ice != nil {
		close(l.ice)
		l.ice = nil
	}
}

// pass waits while the line is frozen.
func (l *Line) pass() {
	l.mu.Lock()
	ice := l.ice
	l.mu.Unlock()
	if ice != nil {
		<-ice
	}
}

// gate is a writer that waits while the line is frozen.
type gate struct {
	line *Line
	io.Writer
}

func (g gate) Write(p []byte) (int, error) {
	g.line.pass()
	return g.Writer.Write(p)
}

// Restore makes the line forward new connections again.
func (l *Line) Restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}
