package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"resetd/internal/testkit/instance"
)

// clock changes the wall clock of a program that buildStepped built. The program maps
// the file, so a change is visible at the next read of the time. The monotonic clock,
// which measures waits, does not change, as when an operator or NTP sets the clock of a
// machine.
type clock struct {
	file string
	step time.Duration
}

// set sets the clock ahead of the machine's clock by step.
func (c *clock) set(step time.Duration) error {
	c.step = step
	f, err := os.OpenFile(c.file, os.O_CREATE|os.O_WRONLY, 0o600) // not truncated, because the program maps it
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	_, err = f.Write(binary.NativeEndian.AppendUint64(nil, uint64(step/time.Second)))
	return err
}

// now returns the program's time.
func (c *clock) now() time.Time { return time.Now().Add(c.step) }

// clockVariable names the file with the clock's step for the stepped program.
const clockVariable = "RESETD_CHAOS_CLOCK"

// steppedNow is the source that is added to package time.
const steppedNow = `package time

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

var step = mapped()

func mapped() *int64 {
	file, ok := syscall.Getenv("` + clockVariable + `")
	if !ok {
		return new(int64)
	}
	fd, err := syscall.Open(file, syscall.O_RDONLY, 0)
	if err != nil {
		panic(err)
	}
	seconds, err := syscall.Mmap(fd, 0, 8, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	return (*int64)(unsafe.Pointer(&seconds[0]))
}

func steppedNow() (sec int64, nsec int32, mono int64) {
	sec, nsec, mono = runtimeNow()
	return sec + atomic.LoadInt64(step), nsec, mono
}
`

// buildStepped builds the program with a changed standard library, whose time.Now can be
// set from outside. The program has no such setting, setting the machine's clock would
// affect other programs, and LD_PRELOAD does not work for a static binary.
func (t *trial) buildStepped(ctx context.Context) error {
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	lib := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	source, err := os.ReadFile(filepath.Join(lib, "time.go"))
	if err != nil {
		return err
	}
	const now, stepped = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()", "func Now() Time {\n\tsec, nsec, mono := steppedNow()"
	if !strings.Contains(string(source), now) {
		return fmt.Errorf("%w: this version of Go reads its clock in another way", errNotDone)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(lib, "time.go"):    filepath.Join(t.dir, "time.go"),
		filepath.Join(lib, "stepped.go"): filepath.Join(t.dir, "stepped.go"),
	}})
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		"time.go": strings.Replace(string(source), now, stepped, 1), "stepped.go": steppedNow, "overlay.json": string(replace),
	} {
		if err := os.WriteFile(filepath.Join(t.dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	t.clock.file = filepath.Join(t.dir, "seconds-ahead")
	t.env[clockVariable] = t.clock.file
	if err := t.clock.set(0); err != nil {
		return err
	}
	t.binary, err = instance.Build(ctx, t.dir, "-overlay", filepath.Join(t.dir, "overlay.json"))
	return err
}
