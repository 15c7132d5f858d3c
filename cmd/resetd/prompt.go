package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxInput is how many bytes of standard input are read.
const maxInput = 64 << 10

// terminal returns the terminal at which somebody types, or nil.
func (in *invocation) terminal() *os.File {
	if f, ok := in.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return f
	}
	return nil
}

// newPassword reads a password. A terminal asks twice and does not show it. Otherwise
// it is the first line of standard input.
func (in *invocation) newPassword() (plain, again string, err error) {
	if f := in.terminal(); f != nil {
		if plain, err = in.typed(f, "New password: "); err != nil {
			return "", "", err
		}
		again, err = in.typed(f, "Repeat the password: ")
		return plain, again, err
	}
	lines, err := in.lines(1)
	if err != nil {
		return "", "", fmt.Errorf("read the password: %w", err)
	}
	return lines[0], lines[0], nil
}

// lines reads the first n lines of standard input. Missing lines are empty.
func (in *invocation) lines(n int) ([]string, error) {
	lines := make([]string, n)
	reader := bufio.NewReader(io.LimitReader(in.stdin, maxInput))
	for i := range lines {
		line, err := reader.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		lines[i] = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	}
	return lines, nil
}

func (in *invocation) typed(f *os.File, prompt string) (string, error) {
	_, _ = fmt.Fprint(in.stderr, prompt)
	line, err := term.ReadPassword(int(f.Fd()))
	_, _ = fmt.Fprintln(in.stderr)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return string(line), nil
}

// secretLine reads a secret from a prompt, or the first line of standard input.
func (in *invocation) secretLine(prompt string) (string, error) {
	if f := in.terminal(); f != nil {
		return in.typed(f, prompt)
	}
	lines, err := in.lines(1)
	if err != nil {
		return "", err
	}
	return lines[0], nil
}
