package timing

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

// conn is a connection that stays open. It does not use the standard library's client,
// because that client's goroutines would add their own delays.
type conn struct {
	net.Conn
	host    string
	answers *bufio.Reader
	size    int64 // of the body of the first answer, which all others must have
	page    string
}

func dial(ctx context.Context, base string) (*conn, error) {
	host := strings.TrimPrefix(base, "http://")
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, host: host, answers: bufio.NewReaderSize(c, 64<<10)}, nil
}

func (c *conn) close() { _ = c.Close() }

// post returns the time from the request's first byte to the answer's last. It requires
// the same status and size for all answers, because a difference would reveal more than
// the time.
func (c *conn) post(path, form string, status int) (time.Duration, error) {
	request := []byte("POST " + path + " HTTP/1.1\r\nHost: " + c.host +
		"\r\nContent-Type: application/x-www-form-urlencoded" +
		fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n", len(form)) + form)
	began := time.Now()
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(io.Discard, answer.Body)
	took := time.Since(began)
	_ = answer.Body.Close()
	switch {
	case err != nil:
		return 0, err
	case answer.StatusCode != status:
		return 0, fmt.Errorf("status %d, want %d", answer.StatusCode, status)
	case c.page == path && c.size != size:
		return 0, fmt.Errorf("an answer of %d bytes after answers of %d", size, c.size)
	}
	c.page, c.size = path, size
	return took, nil
}
