package smtpsink

import (
	"net"
	"slices"
	"testing"
	"time"
)

// patience is how long a test waits for what must come. It is no measurement.
const patience = 30 * time.Second

func (s *Sink) note(happened func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	happened()
	close(s.changed)
	s.changed = make(chan struct{})
}

// until waits for a condition, which is asked under the lock.
func (s *Sink) until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	timeout := time.After(patience)
	for {
		s.mu.Lock()
		met, changed := condition(), s.changed
		s.mu.Unlock()
		if met {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("smtpsink: waited in vain for %s", what)
		}
	}
}

// Wait returns all messages once there are n of them.
func (s *Sink) Wait(t testing.TB, n int) []Message {
	t.Helper()
	s.until(t, "messages", func() bool { return len(s.messages) >= n })
	return s.Messages()
}

// WaitStalled returns once n conversations have stalled.
func (s *Sink) WaitStalled(t testing.TB, n int) {
	t.Helper()
	s.until(t, "a stall", func() bool { return s.stalled >= n })
}

// Messages is what was taken so far.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Connections is how many there were so far.
func (s *Sink) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Heard is every byte that clients sent as it went over the wire: what somebody
// in the network could have read.
func (s *Sink) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.heard)
}

// eavesdropper keeps what goes over the wire, below any encryption.
type eavesdropper struct {
	net.Listener
	sink *Sink
}

func (e eavesdropper) Accept() (net.Conn, error) {
	conn, err := e.Listener.Accept()
	if err != nil {
		return nil, err
	}
	e.sink.note(func() { e.sink.connections++ })
	return tapped{conn, e.sink}, nil
}

type tapped struct {
	net.Conn
	sink *Sink
}

func (t tapped) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.sink.note(func() { t.sink.heard = append(t.sink.heard, p[:n]...) })
	return n, err
}
