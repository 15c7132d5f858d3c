package main

import (
	"bytes"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// logQueue is how many lines wait to be written.
	logQueue = 1024
	// logChunk is how much one write contains: other processes that write to the same
	// pipe can't break into a line then (PIPE_BUF in POSIX).
	logChunk = 4096
	// logPatience is how long one line waits for a reader of the log that does not read.
	logPatience = time.Second
)

// patientLog queues lines and writes those that arrive together at once. The reader of a
// log may stop reading, such as that of a full pipe. Then lines are dropped when the queue
// is full, because a request must not wait for its line of the log.
type patientLog struct {
	lines chan []byte
	done  chan struct{} // closed after the last line
	stuck atomic.Bool   // the queue has been full for logPatience
	lost  atomic.Int64  // lines since the last one that was written
}

func newPatientLog(w io.Writer) *patientLog {
	l := &patientLog{lines: make(chan []byte, logQueue), done: make(chan struct{})}
	go func() {
		defer close(l.done)
		for line := range l.lines {
			_, _ = w.Write(l.gather(line)) // nobody can be told
			l.stuck.Store(false)
		}
	}()
	return l
}

// gather appends what else is queued to a line.
func (l *patientLog) gather(chunk []byte) []byte {
	chunk = append(l.confess(), chunk...)
	for len(l.lines) > 0 && len(chunk) < logChunk/2 {
		chunk = append(chunk, <-l.lines...)
	}
	return chunk
}

// Write implements io.Writer for whole lines. It waits only if the queue is full.
func (l *patientLog) Write(line []byte) (int, error) {
	own := slices.Clone(line) // the logger uses its buffer again
	select {
	case l.lines <- own:
		return len(line), nil
	default:
	}
	patience := time.NewTimer(logPatience)
	if l.stuck.Load() {
		patience.Reset(0)
	}
	defer patience.Stop()
	select {
	case l.lines <- own:
	case <-patience.C:
		l.stuck.Store(true)
		l.lost.Add(1)
	}
	return len(line), nil
}

// confess returns a line with the number of lost lines, if there are any.
func (l *patientLog) confess() []byte {
	n := l.lost.Swap(0)
	if n == 0 {
		return nil
	}
	var b bytes.Buffer
	slog.New(slog.NewJSONHandler(&b, nil)).Warn("lines of the log were lost, because its reader did not read", "lines", n)
	return b.Bytes()
}

// Close writes what is queued, for at most logPatience.
func (l *patientLog) Close() {
	close(l.lines)
	select {
	case <-l.done:
	case <-time.After(logPatience):
	}
}
