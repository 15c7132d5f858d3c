package testkit

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Outage stands between a program and PostgreSQL, and can cut the line.
type Outage struct {
	URL    string // through the line
	Direct string // past it
	server string

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

// NewOutage starts a line to a database, up at first.
func NewOutage(t testing.TB, databaseURL string) *Outage {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &Outage{Direct: databaseURL, server: u.Host}
	u.Host = l.Addr().String()
	o.URL = u.String()
	t.Cleanup(func() { _ = l.Close(); o.Cut() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go o.carry(conn)
		}
	}()
	return o
}

func (o *Outage) carry(client net.Conn) {
	server, err := net.Dial("tcp", o.server)
	if err != nil || !o.take(client, server) {
		_ = client.Close()
		if server != nil {
			_ = server.Close()
		}
		return
	}
	go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
	_, _ = io.Copy(client, server)
	_ = client.Close()
}

func (o *Outage) take(conns ...net.Conn) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.down {
		o.conns = append(o.conns, conns...)
	}
	return !o.down
}

// Cut ends all connections and refuses new ones.
func (o *Outage) Cut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down = true
	for _, c := range o.conns {
		_ = c.Close()
	}
	o.conns = nil
}

// Restore lets connections through again.
func (o *Outage) Restore() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down = false
}
