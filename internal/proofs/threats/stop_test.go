package threats

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestOpenRequestFinishes(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		const body = "email=user%40example.org"
		conn := s.dial()
		_, err := fmt.Fprintf(conn, "POST /password-reset HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", form, len(body))
		s.must(err)
		answer := bufio.NewReader(conn)
		if line, err := answer.ReadString('\n'); !strings.Contains(line, "100 Continue") {
			s.Fatalf("got %q %v, want to be asked for the body", line, err)
		}
		stopped := make(chan int)
		go func() { stopped <- s.program.Stop() }()
		s.eventually("it takes no more requests", func() bool {
			_, err := s.browser().Try(http.MethodGet, "/healthz", "")
			return err != nil
		})
		_, err = io.WriteString(conn, body)
		s.must(err)
		if rest, err := io.ReadAll(answer); !strings.Contains(string(rest), "HTTP/1.1 303") {
			s.Errorf("the open request got %q %v, want its answer", rest, err)
		}
		if status := <-stopped; status != 0 {
			s.Errorf("exit status %d:\n%s", status, s.program.Log())
		}
		s.is("1", `SELECT count(*) FROM password_resets WHERE withheld IS NULL`)
	})
}

// A stop loses no request that is on its way: neither over a connection that was just made,
// nor over one that a proxy keeps open.
func TestStopAnswersWhatIsOnItsWay(t *testing.T) {
	each(t, nil, func(s *service) {
		const begun, rest = "GET /password-reset HTTP/1.1\r\nHost: localhost\r\n", "\r\n"
		made := s.dial()
		_, err := io.WriteString(made, begun)
		s.must(err)
		var kept []net.Conn
		for range 20 { // they are accepted after the first one, which therefore is, too
			conn := s.dial()
			s.answers(conn, begun+rest)
			kept = append(kept, conn)
		}
		stopped := make(chan int)
		go func() { stopped <- s.program.Stop() }()
		for _, conn := range kept {
			s.answers(conn, begun+rest)
		}
		s.eventually("it takes no more connections", func() bool {
			conn, err := net.Dial("tcp", strings.TrimPrefix(s.program.URL, "http://"))
			return err != nil || conn.Close() != nil
		})
		s.answers(made, rest)
		if status := <-stopped; status != 0 {
			s.Errorf("exit status %d:\n%s", status, s.program.Log())
		}
	})
}

// answers sends the last part of a request and wants the form.
func (s *service) answers(conn net.Conn, request string) {
	s.Helper()
	_, err := io.WriteString(conn, request)
	s.must(err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		s.Errorf("no answer: %v", err)
		return
	}
	if res.StatusCode != http.StatusOK {
		s.Errorf("got %d, want the form", res.StatusCode)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
}
