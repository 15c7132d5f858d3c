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

// Post returns the time from the request's first byte to the answer's last. It requires
// the same status and size for all answers, because a difference would reveal more than
// the time.
func (c *Conn) Post(path, form string, status int) (time.Duration, error) {
	took, size, err := c.send("POST "+path+" HTTP/1.1\r\nHost: "+c.host+
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

// PostWith is Post with a cookie, and without the comparison of sizes.
func (c *Conn) PostWith(cookie, path, form string, status int) (time.Duration, error) {
	took, _, err := c.send("POST "+path+" HTTP/1.1\r\nHost: "+c.host+"\r\nCookie: "+cookie+
		"\r\nContent-Type: application/x-www-form-urlencoded"+
		fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n", len(form))+form, status)
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
