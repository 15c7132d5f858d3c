package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"time"
)

// clock is how far the wall clock of a program built by buildStepped is ahead.
// The program maps the file: every read of the time sees a step at once.
// The monotonic clock, which measures waits, goes on as it does when an operator
// or NTP sets a machine's clock.
type clock struct {
	file string
	step time.Duration
}

func newClock(dir string) (*clock, error) {
	c := &clock{file: filepath.Join(dir, "seconds-ahead")}
	return c, c.set(0)
}

// set steps the clock to so much ahead of the machine's.
func (c *clock) set(step time.Duration) error {
	c.step = step
	f, err := os.OpenFile(c.file, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(binary.NativeEndian.AppendUint64(nil, uint64(step/time.Second))); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// now is what the program takes for the time.
func (c *clock) now() time.Time { return time.Now().Add(c.step) }
