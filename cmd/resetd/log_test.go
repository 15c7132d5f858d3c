package main

import (
	"bufio"
	"io"
	"strings"
	"testing"
)

// While nobody reads, lines are dropped; afterwards their number is logged.
func TestLogDropsLinesWhileNobodyReads(t *testing.T) {
	reader, writer := io.Pipe()
	defer func() { _ = reader.Close() }()
	l := newPatientLog(writer)
	defer l.Close()
	for _, line := range []string{"one\n", "two\n", "three\n"} { // a write to the pipe waits for its reader
		if n, err := l.Write([]byte(line)); n != len(line) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	lines := bufio.NewScanner(reader)
	next := func() string { lines.Scan(); return lines.Text() }
	if got := next(); got != "one" {
		t.Errorf("got %q", got)
	}
	l.written <- <-l.written // the first line is through
	go func() { _, _ = l.Write([]byte("four\n")) }()
	if got := next(); !strings.Contains(got, `"lines":2`) {
		t.Errorf("got %q", got)
	}
	if got := next(); got != "four" {
		t.Errorf("got %q", got)
	}
}
