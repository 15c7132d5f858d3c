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
		line, err := in.line(reader)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		lines[i] = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	}
	return lines, nil
}

func (in *invocation) typed(f *os.File, prompt string) (string, error) {
	_, _ = fmt.Fprint(in.stderr, prompt)
	shown, err := term.GetState(int(f.Fd()))
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line, err := in.unlessInterrupted(func() (string, error) {
		text, err := term.ReadPassword(int(f.Fd()))
		return string(text), err
	})
	_, _ = fmt.Fprintln(in.stderr)
	if err != nil {
		_ = term.Restore(int(f.Fd()), shown) // an interrupted read leaves the terminal without echo
		return "", fmt.Errorf("read the password: %w", err)
	}
	return line, nil
}

// line reads a line.
func (in *invocation) line(from *bufio.Reader) (string, error) {
	return in.unlessInterrupted(func() (string, error) { return from.ReadString('\n') })
}

// unlessInterrupted calls read, which waits for a person. Ctrl-C only ends the context,
// and nothing else would end the read.
func (in *invocation) unlessInterrupted(read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		text, err := read()
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return a.text, a.err
	case <-in.ctx.Done():
		return "", errors.New("interrupted")
	}
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
