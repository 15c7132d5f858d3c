// Package wire is an HTTP client that adds as little as possible to the time of an
// answer, and to the load of the machine.
package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Conn is a connection that stays open. It does not use the standard library's client,
// because that client's goroutines would add their own delays.
type Conn struct {
	net.Conn
	host    string
	answers *bufio.Reader
	size    int64 // of the body of the first answer, which all others must have
	page    string
}

// Dial connects to the server of a base URL.
func Dial(ctx context.Context, base string) (*Conn, error) {
	host := strings.TrimPrefix(base, "http://")
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	return &Conn{Conn: c, host: host, answers: bufio.NewReaderSize(c, 64<<10)}, nil
}

// Post returns the time from the request's first byte to the answer's last. The cookie may
// be empty. Post requires the same status and size for all answers, because a difference
// would reveal more than the time.
func (c *Conn) Post(path, cookie, form string, status int) (time.Duration, error) {
	if cookie != "" {
		cookie = "\r\nCookie: " + cookie
	}
	took, size, err := c.send("POST "+path+" HTTP/1.1\r\nHost: "+c.host+cookie+
		"\r\nContent-Type: application/x-www-form-urlencoded"+
		fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n", len(form))+form, status)
	if err == nil && c.page == path && c.size != size {
		return 0, fmt.Errorf("an answer of %d bytes after answers of %d", size, c.size)
	}
	c.page, c.size = path, size
	return took, err
}

// Get returns the time from the request's first byte to the answer's last.
func (c *Conn) Get(path string, status int) (time.Duration, error) {
	took, _, err := c.send("GET "+path+" HTTP/1.1\r\nHost: "+c.host+"\r\n\r\n", status)
	return took, err
}

func (c *Conn) send(request string, status int) (took time.Duration, size int64, err error) {
	began := time.Now()
	if _, err := io.WriteString(c.Conn, request); err != nil {
		return 0, 0, err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return 0, 0, err
	}
	size, err = io.Copy(io.Discard, answer.Body)
	took = time.Since(began)
	_ = answer.Body.Close()
	if err == nil && answer.StatusCode != status {
		err = fmt.Errorf("status %d, want %d", answer.StatusCode, status)
	}
	return took, size, err
}

// Percentile sorts the times and returns a percentile in milliseconds; 0 without times.
func Percentile(took []time.Duration, percent int) float64 {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return float64(took[min(len(took)-1, len(took)*percent/100)].Microseconds()) / 1000
}
