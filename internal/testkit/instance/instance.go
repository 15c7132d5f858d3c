// Package instance runs the resetd binary like an operator: a process with environment
// variables, signals and a log. Measurements and end-to-end tests use it, so they
// see what a user of the binary sees.
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

// startTimeout is generous, because the machine may be busy.
const startTimeout = time.Minute

// Instance is one running process of resetd.
type Instance struct {
	URL     string        // the base URL, without a slash at the end
	Started time.Duration // from start to the first answer
	cmd     *exec.Cmd
	log     log
	exited  chan struct{}
}

// Start runs a command that serves, such as serve or demo, and waits until it answers.
// It listens at RESETD_ADDR if env contains it, else at a free address.
func Start(ctx context.Context, binary string, env map[string]string, args ...string) (*Instance, error) {
	addr := env["RESETD_ADDR"]
	if addr == "" {
		var err error
		if addr, err = loopback.FreeAddr(ctx); err != nil {
			return nil, err
		}
	}
	i := &Instance{URL: "http://" + addr, cmd: Command(context.WithoutCancel(ctx), binary, env, args...), exited: make(chan struct{})}
	i.cmd.Env = append([]string{"RESETD_ADDR=" + addr, "RESETD_BASE_URL=" + i.URL}, i.cmd.Env...) // the last value of a variable counts
	i.cmd.Stdout, i.cmd.Stderr = &i.log, &i.log
	began := time.Now()
	if err := i.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = i.cmd.Wait()
		close(i.exited)
	}()
	return i, i.waitReady(ctx, began)
}

// Command returns a command of resetd that ends by itself. Its only variables are env
// and PATH.
func Command(ctx context.Context, binary string, env map[string]string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

func (i *Instance) waitReady(ctx context.Context, began time.Time) error {
	for time.Since(began) < startTimeout {
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
			return fmt.Errorf("resetd ended before it answered: %s", i.Log())
		case <-time.After(time.Millisecond):
		}
	}
	i.Kill()
	return errors.New("resetd did not answer in time")
}

// Signal sends a signal.
func (i *Instance) Signal(s os.Signal) { _ = i.cmd.Process.Signal(s) }

// Stop sends SIGTERM, waits for the end of the process and returns its exit status.
func (i *Instance) Stop() int {
	_ = i.cmd.Process.Signal(syscall.SIGTERM)
	<-i.exited
	return i.cmd.ProcessState.ExitCode()
}

// Kill sends SIGKILL and waits for the end of the process.
func (i *Instance) Kill() {
	_ = i.cmd.Process.Kill()
	<-i.exited
}

// Log returns the output so far, of standard output and standard error.
func (i *Instance) Log() string { return i.log.String() }

// Memory returns the resident memory of the process in MiB.
func (i *Instance) Memory(ctx context.Context) (float64, error) {
	out, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(i.cmd.Process.Pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("ps: %w", err)
	}
	kib, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return kib / 1024, err
}

// log is a buffer for concurrent use.
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
