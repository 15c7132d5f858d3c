package threats

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/webtest"
)

// logsToAPipe returns a service on SQLite that can be started, its address, and a pipe for
// its log.
func logsToAPipe(t *testing.T) (s *service, addr string, reader, writer *os.File) {
	t.Helper()
	s = prepare(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, nil)
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.set(vars{"ADDR": addr, "BASE_URL": "http://" + addr})
	if reader, writer, err = os.Pipe(); err != nil {
		t.Fatal(err)
	}
	return s, addr, reader, writer
}

// Neither the end of the terminal nor a dead reader of the log ends the service.
func TestServiceSurvivesHangUpAndDeadLogReader(t *testing.T) {
	t.Parallel()
	s, addr, reader, writer := logsToAPipe(t)
	cmd := instance.Command(t.Context(), binary, s.env, "serve")
	cmd.Stderr = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	t.Cleanup(func() { _ = cmd.Process.Signal(syscall.SIGTERM); <-exited })
	_ = writer.Close()
	var head [1]byte
	if _, err := reader.Read(head[:]); err != nil { // it is about to serve
		t.Fatal(err)
	}
	_ = reader.Close()
	if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for range 3 { // each request writes a line of the log
		if err := answers(t, addr); err != nil {
			select {
			case <-exited:
				t.Fatalf("the service ended: %v", cmd.ProcessState)
			default:
				t.Fatal(err)
			}
		}
	}
}

// answers waits until the service answers.
func answers(t *testing.T, addr string) (err error) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 30*time.Second; time.Sleep(10 * time.Millisecond) {
		var p page
		p, err = webtest.New(t, "http://"+addr).Try(http.MethodPost, "/password-reset", webtest.Form("email", user))
		if err != nil {
			continue
		}
		if p.Status != http.StatusSeeOther {
			return fmt.Errorf("status %d", p.Status)
		}
		return nil
	}
	return err
}

// SIGHUP reads the settings, words and templates again. If they are wrong, those before
// stay, and no request is lost in either case.
func TestHangUpReloadsOrKeepsTheSettings(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := prepare(t, db, nil)
		delete(s.env, "RESETD_SITE_NAME")
		delete(s.env, "RESETD_LIMIT_IP")
		file := t.TempDir() + "/resetd.env"
		write := func(text string) {
			t.Helper()
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("RESETD_SITE_NAME='First name'\n")
		r, err := instance.Start(t.Context(), binary, s.env, "serve", "--config", file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { r.Stop() })
		wait := func(line string) {
			t.Helper()
			for range 600 {
				if strings.Contains(r.Log(), line) {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			t.Fatalf("no line %q in the log:\n%s", line, r.Log())
		}
		busy, stop := make(chan error, 1), make(chan struct{})
		go func() { busy <- keepAsking(webtest.New(t, r.URL), stop) }()
		write("RESETD_SITE_NAME='Second name'\n")
		r.Signal(syscall.SIGHUP)
		wait(`"msg":"reloaded"`)
		body := bodyOf(t, r.URL+"/password-reset")
		if !strings.Contains(body, "Second name") {
			t.Errorf("the page has not the new name:\n%s", body)
		}
		write("RESETD_SITE_NAME='Third name'\nRESETD_LIMIT_IP=nonsense\n")
		r.Signal(syscall.SIGHUP)
		wait(`"msg":"not reloaded`)
		if body := bodyOf(t, r.URL+"/password-reset"); !strings.Contains(body, "Second name") {
			t.Errorf("a wrong file changed the page:\n%s", body)
		}
		close(stop)
		if err := <-busy; err != nil {
			t.Errorf("a request was lost: %v", err)
		}
	})
}

// keepAsking requests links until stop, and returns the first failure.
func keepAsking(b *webtest.Browser, stop <-chan struct{}) error {
	for n := 0; ; n++ {
		time.Sleep(10 * time.Millisecond)
		select {
		case <-stop:
			return nil
		default:
		}
		p, err := b.Try(http.MethodPost, "/password-reset", webtest.Form("email", fmt.Sprintf("user%d@example.org", n)))
		if err != nil {
			return err
		}
		if p.Status != http.StatusSeeOther && p.Status != http.StatusTooManyRequests {
			return fmt.Errorf("status %d", p.Status)
		}
	}
}

func bodyOf(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// A reader of the log that lives and does not read, with a full pipe, stops neither
// requests nor the end of the service.
func TestServiceSurvivesAFullLog(t *testing.T) {
	t.Parallel()
	s, addr, reader, writer := logsToAPipe(t)
	defer func() { _, _ = reader.Close(), writer.Close() }()
	fillPipe(t, writer)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := instance.Command(ctx, binary, s.env, "serve")
	cmd.Stderr = writer
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := answers(t, addr); err != nil {
			t.Error(err)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}

// fillPipe writes to a pipe until it takes no more.
func fillPipe(t *testing.T, pipe *os.File) {
	t.Helper()
	if err := pipe.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := pipe.Write(make([]byte, 1)); err != nil {
			return
		}
	}
}

// A full disk, or another program that keeps a lock, does not stop a service from starting:
// pages that only read work.
func TestServiceStartsWhileNothingCanBeWritten(t *testing.T) {
	each(t, nil, func(s *service) {
		writer := s.hold(`UPDATE reset_keys SET used_at = used_at`)
		s.program.Kill()
		s.restart()
		s.browser().Get("/password-reset").Is(http.StatusOK)
		s.must(writer.Rollback())
		if log := s.program.Log(); !strings.Contains(log, "the fingerprint of the secret key could not be stored") {
			s.Errorf("the log has no warning:\n%s", log)
		}
		s.account(user)
		s.browser().Request(user).To("/password-reset/done")
	})
}
