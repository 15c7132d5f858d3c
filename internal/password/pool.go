package password

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// ErrBusy means that too many hashes are waiting. The client may try again in a few
// seconds.
var ErrBusy = errors.New("too many passwords are waiting to be hashed")

// Use is the purpose of a hash. It decides how much of the queue the hash may use.
type Use int

// Anybody can send sign-ins, so they fill at most half of the queue. During a flood
// of sign-ins people can still set a new password.
const (
	ForReset Use = iota
	ForSignIn
)

// idleAfter is the time without a hash after which memory is returned to the system.
// After a burst this can be hundreds of mebibytes, which the runtime would otherwise
// keep for minutes.
const idleAfter = 5 * time.Second

// idle is one for the process, like its memory. After a reload two pools exist for a moment.
var idle = sync.OnceValue(func() *time.Timer { return time.AfterFunc(idleAfter, debug.FreeOSMemory) })

// pool runs a few functions at the same time. A bounded number of others wait in the
// order of their arrival.
type pool struct {
	workers int64
	running *semaphore.Weighted
	queue   int
	observe func() func(error)

	mu      sync.Mutex
	waiting int
	signIns int // waiting sign-ins
}

func newPool(workers, queue int) *pool {
	return &pool{
		workers: int64(workers),
		running: semaphore.NewWeighted(int64(workers)),
		queue:   queue,
		observe: func() func(error) { return func(error) {} },
	}
}

// do runs f when as many places as f needs are free, or all places if f needs more
// than there are. It returns ErrBusy at once if the queue is full, and the context's
// error if the context ends first. In both cases f has not run.
func (p *pool) do(ctx context.Context, use Use, places int64, f func()) (err error) {
	places = min(places, p.workers)
	finished := p.observe()
	defer func() { finished(err) }()
	if err := p.acquire(ctx, use, places); err != nil {
		return err
	}
	defer idle().Reset(idleAfter)
	defer p.running.Release(places)
	f()
	return nil
}

func (p *pool) acquire(ctx context.Context, use Use, places int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.running.TryAcquire(places) { // fails if others are waiting
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
