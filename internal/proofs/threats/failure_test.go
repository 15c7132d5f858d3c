package threats

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

func TestDatabaseOutage(t *testing.T) {
	t.Parallel()
	line := testkit.NewLine(t, testkit.Postgres(t))
	s := prepare(t, testkit.Database{Name: "postgres", URL: line.URL}, nil).start()
	s.db.URL = line.Direct
	s.account(user)
	link := s.ask(user)
	in, opened := s.browser(), s.browser()
	in.login(user, oldPassword).To("/login")
	form := opened.OpenLink(link)
	line.Cut()
	for what, p := range map[string]page{
		"asking": s.browser().Request(user), "a link": s.browser().Get(link), "choosing": opened.Choose(form, newPassword, newPassword),
		"signing in": s.browser().login(user, oldPassword), "signed in": in.Get("/login"), "changing": in.change(oldPassword, newPassword),
	} {
		if p.Status != http.StatusServiceUnavailable || p.Header.Get("Retry-After") == "" || p.Find("h1").Length() != 1 || p.Header.Get("Cache-Control") != "no-store" {
			s.Errorf("%s: got %d, want an error page with 503 and Retry-After:\n%v\n%s", what, p.Status, p.Header, p.Body)
		}
	}
	s.eventually("the probe has failed", func() bool { return s.browser().Get("/readyz").Status == http.StatusServiceUnavailable })
	s.browser().Get("/healthz").Is(http.StatusOK)
	s.browser().Get("/password-reset").Is(http.StatusOK)
	line.Restore()
	s.eventually("the database is back", func() bool { return s.browser().Get("/readyz").Status == http.StatusOK })
	in.Get("/password-change").Is(http.StatusOK)
	opened.Choose(form, newPassword, newPassword).To("/password-reset/complete")
	s.eventually("the notice is sent", func() bool { return len(s.sink.Messages()) == 2 })
	s.wantPassword(user, newPassword, oldPassword)
	if status := s.program.Stop(); status != 0 {
		s.Errorf("exit status %d:\n%s", status, s.program.Log())
	}
}

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

func TestStartedMailIsFinished(t *testing.T) {
	each(t, nil, func(s *service) {
		s.account(user)
		s.program.Kill()
		door := s.door()
		s.set(vars{"MAIL_URL": strings.Replace(s.sink.URL(), s.sink.Addr(), door.Addr().String(), 1)})
		s.restart()
		s.browser().Request(user).To("/password-reset/done")
		connected := <-door.knocked
		stopped := make(chan int)
		go func() { stopped <- s.program.Stop() }()
		s.eventually("it takes no more requests", func() bool {
			_, err := s.browser().Try(http.MethodGet, "/healthz", "")
			return err != nil
		})
		connected()
		if status := <-stopped; status != 0 {
			s.Errorf("exit status %d:\n%s", status, s.program.Log())
		}
		s.is("1", `SELECT count(*) FROM reset_deliveries WHERE sent_at IS NOT NULL`)
		s.wantMails(1, user)
	})
}

// door is a proxy in front of the mail server. It lets clients through one by one.
type door struct {
	net.Listener
	knocked chan func() // each function lets a waiting client in
}

func (s *service) door() door {
	s.Helper()
	l, err := (&net.ListenConfig{}).Listen(s.Context(), "tcp", "127.0.0.1:0")
	s.must(err)
	s.Cleanup(func() { _ = l.Close() })
	d := door{l, make(chan func())}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			d.knocked <- func() { s.letIn(client) }
		}
	}()
	return d
}

func (s *service) letIn(client net.Conn) {
	server, err := (&net.Dialer{}).DialContext(s.Context(), "tcp", s.sink.Addr())
	s.must(err)
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			_, _ = io.Copy(way[0], way[1])
			_ = way[0].Close()
		}()
	}
}
