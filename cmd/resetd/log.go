package main

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"time"
)

// logPatience is how long one line waits for a reader of the log that does not read.
const logPatience = time.Second

// patientLog writes lines to a log whose reader may stop reading, such as a full pipe.
// Then it drops lines, because a request must not wait for its line of the log.
type patientLog struct {
	mu      sync.Mutex
	lines   chan []byte
	written chan struct{}
	stuck   bool // the last line is not written yet
	lost    int  // lines since then
}

func newPatientLog(w io.Writer) *patientLog {
	l := &patientLog{lines: make(chan []byte), written: make(chan struct{}, 1)}
	go func() {
		for line := range l.lines {
			_, _ = w.Write(line) // nobody can be told
			l.written <- struct{}{}
		}
	}()
	return l
}

// Write implements io.Writer for whole lines. It returns when the line is written, or
// after logPatience, and at once while an earlier line is not written.
func (l *patientLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stuck {
		select {
		case <-l.written:
			l.stuck = false
		default:
			l.lost++
			return len(line), nil
		}
	}
	l.lines <- append(l.confess(), line...)
	patience := time.NewTimer(logPatience)
	defer patience.Stop()
	select {
	case <-l.written:
	case <-patience.C:
		l.stuck = true
	}
	return len(line), nil
}

// confess returns a line with the number of lost lines, if there are any.
func (l *patientLog) confess() []byte {
	if l.lost == 0 {
		return nil
	}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Warn("lines of the log were lost, because its reader did not read", "lines", l.lost)
	l.lost = 0
	return b.Bytes()
}

// Close ends the log after the last line.
func (l *patientLog) Close() { close(l.lines) }
