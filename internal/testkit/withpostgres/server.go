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

// server is a running PostgreSQL as seen from the process that uses it: the
// keeper, and the pipe that the keeper lives by.
type server struct {
	url      string
	keeper   *exec.Cmd
	lifeline io.Closer
}

// startServer returns when the server answers. A signal ends the attempt.
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
		if s.url == "" { // the keeper has said why
			return nil, errors.Join(errors.New("no PostgreSQL to run against"), s.stop())
		}
		return s, nil
	case sig := <-signals:
		return nil, errors.Join(fmt.Errorf("%v before PostgreSQL was up", sig), s.stop())
	}
}

// stop returns when the server and its files are gone.
func (s *server) stop() error {
	_ = s.lifeline.Close() // the keeper may have gone first
	if err := s.keeper.Wait(); err != nil {
		return fmt.Errorf("keeper: %w", err)
	}
	return nil
}

// flags writes the options as the command line has them.
func flags(o postgres.Options) []string {
	all := []string{fmt.Sprintf("-durable=%t", o.Durable)}
	for _, setting := range o.Settings {
		all = append(all, "-set", setting)
	}
	return all
}
