package threats

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
)

// Neither the end of the terminal nor a dead reader of the log ends the service.
func TestServiceSurvivesHangUpAndDeadLogReader(t *testing.T) {
	t.Parallel()
	s := prepare(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, nil)
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.set(vars{"ADDR": addr, "BASE_URL": "http://" + addr})
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
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
		var res *http.Response
		res, err = http.Post("http://"+addr+"/password-reset", "application/x-www-form-urlencoded", strings.NewReader("email=user%40example.org"))
		if err != nil {
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK { // of the page after the redirect
			return fmt.Errorf("status %d", res.StatusCode)
		}
		return nil
	}
	return err
}

// A reader of the log that lives and does not read, with a full pipe, stops neither
// requests nor the end of the service.
func TestServiceSurvivesAFullLog(t *testing.T) {
	t.Parallel()
	s := prepare(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, nil)
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.set(vars{"ADDR": addr, "BASE_URL": "http://" + addr})
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
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
