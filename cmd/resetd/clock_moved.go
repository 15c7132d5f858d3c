//go:build movedclock

package main

import (
	"os"
	"strings"
	"time"
)

// machineTime is the clock of a machine whose clock make soak moves: by the duration in the
// file that RESETD_TEST_CLOCK names.
func machineTime() time.Time {
	text, _ := os.ReadFile(os.Getenv("RESETD_TEST_CLOCK")) // without the file it does not differ
	by, _ := time.ParseDuration(strings.TrimSpace(string(text)))
	return time.Now().Add(by)
}
