package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// While nobody reads, lines are dropped; afterwards their number is logged.
func TestLogDropsLinesWhileNobodyReads(t *testing.T) {
	reader, writer := io.Pipe() // a write to the pipe waits for its reader
	defer func() { _ = reader.Close() }()
	l := newPatientLog(writer)
	const all = 3 * logQueue
	for i := range all {
		line := fmt.Appendf(nil, "line %d\n", i)
		if n, err := l.Write(line); n != len(line) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		clear(line) // as a logger does
	}
	go l.Close()
	read, lost := 0, 0
	for lines := bufio.NewScanner(reader); read+lost < all && lines.Scan(); {
		switch text := lines.Text(); {
		case text == fmt.Sprint("line ", read):
			read++
		case strings.Contains(text, "lines of the log were lost"):
			_, _ = fmt.Sscanf(text[strings.Index(text, `"lines":`):], `"lines":%d`, &lost)
		default:
			t.Fatalf("got %q after %d lines", text, read)
		}
	}
	if read < logQueue || lost == 0 || read+lost != all {
		t.Errorf("%d lines were written and %d reported as lost, of %d", read, lost, all)
	}
}

func TestLogIsCompleteWhenItIsClosed(t *testing.T) {
	var b bytes.Buffer
	l := newPatientLog(&b)
	var want strings.Builder
	for i := range 1000 {
		line := fmt.Sprintf("line %d %s\n", i, strings.Repeat("x", i%300))
		want.WriteString(line)
		_, _ = l.Write([]byte(line))
	}
	l.Close()
	if b.String() != want.String() {
		t.Errorf("got %d bytes, want %d", b.Len(), want.Len())
	}
}
