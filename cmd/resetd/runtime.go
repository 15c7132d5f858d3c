package main

import (
	"os"
	"runtime"
	"runtime/debug"

	"resetd/internal/password"
)

// heapGrowth is how far the heap grows before the garbage is collected, in percent
// of the memory in use. The service uses a few MiB, so with Go's default it would
// collect dozens of times a second under load.
const heapGrowth = 150

// tuneRuntime prepares the Go runtime for a service. With one thread more than there are
// processors, the operating system shares these between hashes and everything else. With
// as many threads, hashes would keep all of them, and the runtime would look for new
// requests only every ten milliseconds. An operator's own GOMAXPROCS stays.
func tuneRuntime() {
	debug.SetGCPercent(heapGrowth)
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(password.Processors + 1)
	}
}
