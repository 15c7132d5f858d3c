//go:build !movedclock

package main

import "time"

// machineTime is the clock of the machine. Only a build for make soak has another one.
var machineTime = time.Now
