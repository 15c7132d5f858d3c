package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// idleTimeout is how long a stopping service waits for requests over connections that
	// are kept open. A proxy may be about to use one.
	idleTimeout = time.Second
	// readTimeout is how long it waits for the first request of a connection.
	readTimeout = 3 * time.Second
	// finishTimeout is how long open requests may take to finish after SIGTERM. Then
	// they are answered with 503.
	finishTimeout = 6 * time.Second
	// closeTimeout is when their connections are closed. Together with what is left to
	// do afterwards, the service stops within ten seconds, whatever its clients do.
	closeTimeout = finishTimeout + time.Second
	// stopPoll is how often a stopping service looks whether it can go on.
	stopPoll = 20 * time.Millisecond
)

// connections are the connections of a server, and whether it stops.
type connections struct {
	stopping atomic.Bool
	mu       sync.Mutex
	states   map[net.Conn]http.ConnState
}

// note is the server's ConnState.
func (c *connections) note(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.states, conn)
		return
	}
	if c.states == nil {
		c.states = map[net.Conn]http.ConnState{}
	}
	c.states[conn] = state
}

// has reports whether a connection is in a state.
func (c *connections) has(state http.ConnState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(slices.Collect(maps.Values(c.states)), state)
}

// endAfter makes the answer the last one of its connection if the service stops.
func (c *connections) endAfter(w http.ResponseWriter) {
	if c.stopping.Load() {
		w.Header().Set("Connection", "close")
	}
}

// drain stops accepting connections, and answers what was sent over the open ones.
// http.Server.Shutdown alone is not enough: it closes a connection without an answer if it
// reads the request after it was called, or if a proxy sends one at that moment.
func (c *connections) drain(listener net.Listener) {
	c.stopping.Store(true)
	_ = listener.Close()
	for began := time.Now(); ; time.Sleep(stopPoll) {
		waited := time.Since(began)
		if (waited > readTimeout || !c.has(http.StateNew)) && (waited > idleTimeout || !c.has(http.StateIdle)) {
			return
		}
	}
}

// shutDown lets open requests finish. If the database does not answer they can't, and
// giveUp ends them: they are answered with 503. A client that is slower than all limits
// loses its connection.
func (s *service) shutDown(server *http.Server, listener net.Listener, giveUp func()) error {
	closing, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	go func() {
		for began := time.Now(); s.app.readiness.ready() && closing.Err() == nil && time.Since(began) < finishTimeout; {
			time.Sleep(stopPoll)
		}
		giveUp()
	}()
	s.connections.drain(listener)
	err := server.Shutdown(closing)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if errors.Is(err, net.ErrClosed) { // of the listener, which drain has closed
		err = nil
	}
	if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
