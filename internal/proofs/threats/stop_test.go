package threats

import (
	"bufio"
	"fmt"
	"io"
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
