package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"resetd/internal/testkit/postgres"
)

// server is a PostgreSQL server that a keeper runs.
type server struct {
	url      string
	keeper   *exec.Cmd
	lifeline io.Closer // the pipe to the keeper; the keeper ends when it closes
}

// startServer starts a keeper and returns when its server answers. A signal cancels the
// start.
func startServer(o postgres.Options, signals <-chan os.Signal) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	keeper := exec.Command(self, append(flags(o), "-keeper")...)
	keeper.Stderr = os.Stderr
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	lifeline, err := keeper.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := keeper.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := keeper.Start(); err != nil {
		return nil, err
	}
	s := &server{keeper: keeper, lifeline: lifeline}

	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		answer <- strings.TrimSpace(line)
	}()
	select {
	case s.url = <-answer:
		if s.url == "" { // the keeper has printed the error
			return nil, errors.Join(errors.New("PostgreSQL did not start"), s.stop())
		}
		return s, nil
	case sig := <-signals:
		return nil, errors.Join(fmt.Errorf("%v before PostgreSQL was ready", sig), s.stop())
	}
}

// stop ends the keeper and returns when the server and its files are removed.
func (s *server) stop() error {
	_ = s.lifeline.Close() // fails if the keeper has ended already
	if err := s.keeper.Wait(); err != nil {
		return fmt.Errorf("keeper: %w", err)
	}
	return nil
}

// flags returns the options as command-line flags.
func flags(o postgres.Options) []string {
	all := []string{fmt.Sprintf("-durable=%t", o.Durable)}
	for _, setting := range o.Settings {
		all = append(all, "-set", setting)
	}
	return all
}
