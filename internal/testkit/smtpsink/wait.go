package smtpsink

import (
	"slices"
	"testing"
	"time"
)

// waitTimeout is generous, because the machine may be busy.
const waitTimeout = 30 * time.Second

// update changes the state under the lock and wakes waitUntil.
func (s *Sink) update(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// waitUntil waits for a condition. It evaluates the condition under the lock.
func (s *Sink) waitUntil(t testing.TB, what string, condition func() bool) {
	t.Helper()
	timeout := time.After(waitTimeout)
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
			t.Fatalf("smtpsink: timeout while waiting for %s", what)
		}
	}
}

// Wait waits for n emails and returns all emails so far.
func (s *Sink) Wait(t testing.TB, n int) []Message {
	t.Helper()
	s.waitUntil(t, "messages", func() bool { return len(s.messages) >= n })
	return s.Messages()
}

// WaitStalled waits until n connections have stalled.
func (s *Sink) WaitStalled(t testing.TB, n int) {
	t.Helper()
	s.waitUntil(t, "a stall", func() bool { return s.stalled >= n })
}

// Messages returns the accepted emails so far.
func (s *Sink) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Connections returns the number of connections so far.
func (s *Sink) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// Heard returns the bytes that clients sent, as an eavesdropper on the network would see
// them.
func (s *Sink) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.heard)
}
