package threats

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// dial opens a connection for requests that no browser sends.
func (s *service) dial() net.Conn {
	s.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.Context(), "tcp", strings.TrimPrefix(s.program.URL, "http://"))
	s.must(err)
	s.Cleanup(func() { _ = conn.Close() })
	return conn
}

// raw posts a form with the given request line and headers, and returns the status.
func (s *service) raw(line, headers, body string) int {
	s.Helper()
	conn := s.dial()
	_, err := fmt.Fprintf(conn, "%s HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", line, headers, form, len(body), body)
	s.must(err)
	return s.answered(conn)
}

func (s *service) answered(conn io.Reader) int {
	s.Helper()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	s.must(err)
	s.must(res.Body.Close())
	return res.StatusCode
}
