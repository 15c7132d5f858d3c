package testkit

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Line stands between a program and PostgreSQL. It counts what goes over it, and
// can be cut.
type Line struct {
	URL    string // through the line
	Direct string // past it
	server string
	trips  atomic.Int64

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

// NewLine starts a line to a database, up at first.
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
	t.Cleanup(func() { _ = listener.Close(); l.Cut() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(conn)
		}
	}()
	return l
}

func (l *Line) carry(client net.Conn) {
	server, err := net.Dial("tcp", l.server)
	if err != nil || !l.take(client, server) {
		_ = client.Close()
		if server != nil {
			_ = server.Close()
		}
		return
	}
	go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
	l.answer(client, server)
	_ = client.Close()
}

// answer passes the server's messages on, and counts those that say that it
// waits for the next query (PostgreSQL documentation, section 55.7): each ends
// a round trip.
func (l *Line) answer(client io.Writer, server io.Reader) {
	head := make([]byte, 5)
	for {
		if _, err := io.ReadFull(server, head); err != nil {
			return
		}
		if head[0] == 'Z' {
			l.trips.Add(1)
		}
		if _, err := client.Write(head); err != nil {
			return
		}
		rest := int64(binary.BigEndian.Uint32(head[1:])) - 4
		if _, err := io.CopyN(client, server, rest); err != nil {
			return
		}
	}
}

// RoundTrips is how many queries were answered so far.
func (l *Line) RoundTrips() int { return int(l.trips.Load()) }

func (l *Line) take(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.down {
		l.conns = append(l.conns, conns...)
	}
	return !l.down
}

// Cut ends all connections and refuses new ones.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.conns = nil
}

// Restore lets connections through again.
func (l *Line) Restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = false
}
