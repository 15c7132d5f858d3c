// Package instance runs the built program the way an operator does: a process
// with an environment, signals and a log. What is measured or proven from
// outside, is so through it.
package instance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"resetd/internal/testkit/loopback"
)

// patience is how long a start may take. It is no measurement.
const patience = time.Minute

// Instance is one process of the program.
type Instance struct {
	URL     string        // its base URL, without a slash at the end
	Started time.Duration // from start to the first answer
	cmd     *exec.Cmd
	log     log
	exited  chan struct{}
}

// Start runs a command of the program that serves, at an address that is free,
// or at the one in env, and waits until it answers.
func Start(ctx context.Context, binary string, env map[string]string, args ...string) (*Instance, error) {
	addr := env["RESETD_ADDR"]
	if addr == "" {
		var err error
		if addr, err = loopback.FreeAddr(ctx); err != nil {
			return nil, err
		}
	}
	i := &Instance{URL: "http://" + addr, cmd: Command(context.WithoutCancel(ctx), binary, env, args...), exited: make(chan struct{})}
	i.cmd.Env = append([]string{"RESETD_ADDR=" + addr, "RESETD_BASE_URL=" + i.URL}, i.cmd.Env...) // the last one counts
	i.cmd.Stdout, i.cmd.Stderr = &i.log, &i.log
	began := time.Now()
	if err := i.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = i.cmd.Wait()
		close(i.exited)
	}()
	return i, i.answers(ctx, began)
}

// Command is a command of the program that comes to an end. The process gets env
// and PATH, and no other variable.
func Command(ctx context.Context, binary string, env map[string]string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

func (i *Instance) answers(ctx context.Context, began time.Time) error {
	for time.Since(began) < patience {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, i.URL+"/healthz", nil)
		if err != nil {
			return err
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			i.Started = time.Since(began)
			return res.Body.Close()
		}
		select {
		case <-i.exited:
			return fmt.Errorf("the program ended by itself: %s", i.Log())
		case <-time.After(time.Millisecond):
		}
	}
	i.Kill()
	return errors.New("the program does not answer")
}

// Stop asks the process to end, waits for it and returns its exit status.
func (i *Instance) Stop() int {
	_ = i.cmd.Process.Signal(syscall.SIGTERM)
	<-i.exited
	return i.cmd.ProcessState.ExitCode()
}

// Kill ends the process without a warning (SIGKILL), and waits until it is gone.
func (i *Instance) Kill() {
	_ = i.cmd.Process.Kill()
	<-i.exited
}

// Log is what it wrote so far, to either output.
func (i *Instance) Log() string { return i.log.String() }

// Memory is the process's resident memory in MiB.
func (i *Instance) Memory(ctx context.Context) (float64, error) {
	out, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(i.cmd.Process.Pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("ps: %w", err)
	}
	kib, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return kib / 1024, err
}

// log can be read while it is written.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
