package main

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"time"
)

// clock changes the wall clock of a program that buildStepped built. The program maps
// the file, so a change is visible at the next read of the time. The monotonic clock,
// which measures waits, does not change, as when an operator or NTP sets the clock of a
// machine.
type clock struct {
	file string
	step time.Duration
}

func newClock(dir string) (*clock, error) {
	c := &clock{file: filepath.Join(dir, "seconds-ahead")}
	return c, c.set(0)
}

// set sets the clock ahead of the machine's clock by step.
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

// now returns the program's time.
func (c *clock) now() time.Time { return time.Now().Add(c.step) }
