package password

import (
	"errors"
	"fmt"
)

// Params of argon2id (RFC 9106, section 3.1).
type Params struct {
	MemoryKiB uint32 // m
	Passes    uint32 // t
	Threads   uint8  // p
}

// OWASP is the recommendation of OWASP's Password Storage cheat sheet: 19 MiB.
var OWASP = Params{MemoryKiB: 19456, Passes: 2, Threads: 1}

// The caps for new and stored hashes. They are the same, so a hash that was made with
// one setting verifies with every other.
const (
	MaxMemoryKiB = 256 << 10 // 256 MiB
	MaxThreads   = 16
	// MaxWorkKiB limits memory times passes, and so the time: 4 GiB takes a few
	// seconds.
	MaxWorkKiB = 4 << 20
)

// floor is the minimum memory in KiB for 1, 2, 3, 4, and 5 or more passes. OWASP
// lists these as equally strong.
var floor = [...]uint32{47104, 19456, 12288, 9216, 7168}

// check returns an error for parameters that RFC 9106 forbids or that exceed the caps.
func (p Params) check() error {
	switch {
	case p.Passes < 1 || p.Threads < 1:
		return errors.New("passes and threads must be at least 1")
	case p.MemoryKiB < 8*uint32(p.Threads):
		return errors.New("memory must be at least 8 KiB for each thread")
	case p.MemoryKiB > MaxMemoryKiB || p.Threads > MaxThreads:
		return fmt.Errorf("memory must be at most %d MiB, threads at most %d", MaxMemoryKiB>>10, MaxThreads)
	case uint64(p.MemoryKiB)*uint64(p.Passes) > MaxWorkKiB:
		return fmt.Errorf("memory times passes must be at most %d MiB", MaxWorkKiB>>10)
	}
	return nil
}

// checkNew is check for new hashes: it refuses weak parameters too. A stored weak
// hash still verifies, because its owner must be able to sign in.
func (p Params) checkNew() error {
	if err := p.check(); err != nil {
		return err
	}
	least := floor[min(int(p.Passes), len(floor))-1]
	if p.MemoryKiB < least {
		return fmt.Errorf("memory must be at least %d MiB if passes is %d", least>>10, p.Passes)
	}
	return nil
}
