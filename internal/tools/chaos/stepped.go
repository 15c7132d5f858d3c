package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"resetd/internal/testkit/instance"
)

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
func buildStepped(ctx context.Context, dir string) (binary string, err error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	lib := filepath.Join(strings.TrimSpace(string(out)), "src", "time")
	overlay, err := changeClock(lib, dir)
	if err != nil {
		return "", err
	}
	return instance.Build(ctx, dir, "-overlay", overlay)
}

// changeClock writes copies of the standard library's files that call steppedNow, and
// the overlay file that lists them.
func changeClock(lib, dir string) (overlay string, err error) {
	source, err := os.ReadFile(filepath.Join(lib, "time.go"))
	if err != nil {
		return "", err
	}
	const reads = "sec, nsec, mono := runtimeNow()"
	changed := strings.Replace(string(source), "func Now() Time {\n\t"+reads, "func Now() Time {\n\tsec, nsec, mono := steppedNow()", 1)
	if changed == string(source) {
		return "", fmt.Errorf("%w: this version of Go reads its clock in another way", errNotDone)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {
		filepath.Join(lib, "time.go"):    filepath.Join(dir, "time.go"),
		filepath.Join(lib, "stepped.go"): filepath.Join(dir, "stepped.go"),
	}})
	if err != nil {
		return "", err
	}
	for name, text := range map[string]string{"time.go": changed, "stepped.go": steppedNow, "overlay.json": string(replace)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "overlay.json"), nil
}
