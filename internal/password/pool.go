package password

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrBusy means that too many hashes are waiting already. Try again in a few
// seconds.
var ErrBusy = errors.New("too many passwords are waiting to be hashed")

// Use says what a hash is for, and so how much of the queue it may fill.
type Use int

// Anyone can send sign-ins, so they fill at most half of the queue: a flood of
// them leaves room for people who set a new password.
const (
	ForReset Use = iota
	ForSignIn
)

// idleAfter is how long no hash runs until what past ones took goes back to the
// system: hundreds of mebibytes after a burst, which the collector by itself
// keeps for minutes.
const idleAfter = 5 * time.Second

// pool runs a few functions at once and lets a bounded number wait, first come,
// first served.
type pool struct {
	workers int64
	running *semaphore.Weighted
	queue   int
	idle    *time.Timer

	mu      sync.Mutex
	waiting int
	signIns int // of those waiting
}

func newPool(workers, queue int) *pool {
	p := &pool{
		workers: int64(workers),
		running: semaphore.NewWeighted(int64(workers)),
		queue:   queue,
		idle:    time.AfterFunc(idleAfter, debug.FreeOSMemory),
	}
	p.idle.Stop()
	return p
}

// do runs f in as many of the workers' places as it needs, or in all of them if
// it needs more. It returns ErrBusy at once when the queue is full, and the
// context's error when that ends first; f has not run then.
func (p *pool) do(ctx context.Context, use Use, places int64, f func()) error {
	places = min(places, p.workers)
	if err := p.acquire(ctx, use, places); err != nil {
		return err
	}
	defer p.idle.Reset(idleAfter)
	defer p.running.Release(places)
	f()
	return nil
}

func (p *pool) acquire(ctx context.Context, use Use, places int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.running.TryAcquire(places) { // never passes those who wait
		return nil
	}
	if !p.join(use) {
		return ErrBusy
	}
	defer p.leave(use)
	return p.running.Acquire(ctx, places)
}

func (p *pool) join(use Use) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting >= p.queue || use == ForSignIn && p.signIns >= p.queue/2 {
		return false
	}
	p.waiting++
	if use == ForSignIn {
		p.signIns++
	}
	return true
}

func (p *pool) leave(use Use) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting--
	if use == ForSignIn {
		p.signIns--
	}
}
