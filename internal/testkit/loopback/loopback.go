// Package loopback finds addresses for the servers of tests and trials.
package loopback

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// awaited is how long a server may take to start, on a slow and busy machine.
const awaited = time.Minute

// Await waits until a server accepts connections.
func Await(ctx context.Context, addr string) error {
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		if time.Since(began) > awaited || ctx.Err() != nil {
			return err
		}
	}
}

// FreeAddr returns a free address. Its port is below the ephemeral ports, which systems
// assign to clients. Otherwise a client that reconnects to a stopped server could get
// the server's own port, and connect to itself.
func FreeAddr(ctx context.Context) (string, error) {
	var err error
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.N(10000)))
		var l net.Listener
		if l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", addr); err == nil {
			return addr, l.Close()
		}
	}
	return "", err
}
