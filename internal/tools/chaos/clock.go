package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"resetd/internal/testkit/instance"
)

// steps are the settings of the clock relative to the machine's clock. Links live an
// hour. The last step is the largest, so all deferred emails are due in the end.
var steps = []time.Duration{20 * time.Minute, 0, -2 * time.Hour, 0, 2 * time.Hour}

const (
	linkLifetime = time.Hour
	// held is the longest wait for the next attempt. If an email is due later, a
	// clock that was ahead delays it.
	held = 15 * time.Minute
)

// setClock sets the clock while clients work.
func (t *trial) setClock(ctx context.Context) error {
	for i, step := range steps {
		if err := t.stepOnce(ctx, i, step); err != nil {
			return err
		}
	}
	return nil
}

// stepOnce sets the clock, opens a link from before, and requests a new one.
func (t *trial) stepOnce(ctx context.Context, i int, step time.Duration) error {
	before := t.mailTo(ctx, probe(2*i))
	wait(ctx, time.Second+within(t.rng, 2*time.Second))
	by := step - t.clock.step
	if err := t.clock.set(step); err != nil {
		return err
	}
	t.faults++
	t.seesTheTime(ctx)
	t.openAged(ctx, before, by)
	t.mailTo(ctx, probe(2*i+1))
	if by < 0 {
		if err := t.noneWaits(ctx, by); err != nil {
			return err
		}
		t.mailTo(ctx, probe(2*i)) // its first link was made in the future
	}
	return t.comeBack(ctx)
}

// noneWaits checks that no email waits until the clock reaches its old time.
func (t *trial) noneWaits(ctx context.Context, by time.Duration) error {
	for start := time.Now(); time.Since(start) < time.Minute; wait(ctx, time.Second) {
		if n, err := t.due(ctx, t.clock.now().Add(held)); err != nil || n == 0 {
			return err
		}
	}
	t.ledger.fault(other, "a step of %v: emails that were due before it still wait a minute later", by)
	return nil
}

// seesTheTime checks the program's clock in the Date header of an answer.
func (t *trial) seesTheTime(ctx context.Context) {
	_, header := t.send(ctx, "/healthz", "chaos clock", "")
	date, err := http.ParseTime(header.Get("Date"))
	if off := date.Sub(t.clock.now()).Abs(); err != nil || off > 5*time.Second {
		t.ledger.fault(other, "the program's clock is off by %v from what it was set to", off)
	}
}

// openAged opens a link after the clock was set.
func (t *trial) openAged(ctx context.Context, m mailed, by time.Duration) {
	want := http.StatusSeeOther
	if by >= linkLifetime {
		want = http.StatusGone
	}
	if status := t.follow(ctx, m); status != want {
		t.ledger.fault(other, "a step of %v: the link of %s answers %d, want %d", by, m.to, status, want)
	}
}

// mailTo requests a link and waits for it.
func (t *trial) mailTo(ctx context.Context, email string) mailed {
	for ctx.Err() == nil && !acknowledged(t.ask(ctx, email)) {
		wait(ctx, pause)
	}
	select {
	case m := <-t.probes[email]:
		return m
	case <-time.After(time.Minute):
		t.ledger.fault(other, "the link for %s was not mailed within a minute", email)
	case <-ctx.Done():
	}
	return mailed{to: email}
}

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
