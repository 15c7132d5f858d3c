package sqldb

import (
	"context"
	"sync"
	"time"

	"resetd/internal/batch"
)

const (
	commitQueue   = 1024
	mostPerCommit = 64
	commitTimeout = 10 * time.Second
	// closeTimeout is how long Close waits for values whose callers have gone.
	closeTimeout = 500 * time.Millisecond
)

// GroupCommit writes values that arrive together in one transaction, because a commit,
// which waits for the disk, costs more than the statements. If the transaction fails, each
// value is written again in one of its own. It has one connection.
type GroupCommit[T any] struct {
	write    func(context.Context, DB, []T) error
	transact func(context.Context, func(DB) error) error
	session  *Session
	queue    *batch.Queue[T]
	start    sync.Once
	running  sync.WaitGroup
	working  context.Context //nolint:containedctx // of the goroutine; ends soon after Close
	stop     context.CancelFunc
}

// NewGroupCommit returns a GroupCommit that writes with the statements of a session.
func NewGroupCommit[T any](s *Session, write func(context.Context, DB, []T) error) *GroupCommit[T] {
	working, stop := context.WithCancel(context.Background()) //nolint:gosec // Close calls it
	return &GroupCommit[T]{
		write: write, transact: s.InTx, session: s, queue: batch.NewQueue[T](commitQueue, mostPerCommit), working: working, stop: stop,
	}
}

// Do returns when the value is committed, or with the error of its own transaction. If ctx
// ends first, the value is written nevertheless.
func (g *GroupCommit[T]) Do(ctx context.Context, value T) error {
	g.start.Do(func() { g.running.Go(func() { g.queue.Run(g.commit) }) })
	return g.queue.Do(ctx, value)
}

// Close writes what waits, unless the database is silent.
func (g *GroupCommit[T]) Close() {
	g.queue.Close()
	defer time.AfterFunc(closeTimeout, g.stop).Stop()
	g.running.Wait()
	g.stop()
	g.session.Close()
}

func (g *GroupCommit[T]) commit(all []T) []error {
	errs := make([]error, len(all))
	err := g.together(all)
	for i := range all {
		if errs[i] = err; err != nil && len(all) > 1 {
			errs[i] = g.together(all[i : i+1])
		}
	}
	return errs
}

func (g *GroupCommit[T]) together(all []T) error {
	ctx, cancel := context.WithTimeout(g.working, commitTimeout)
	defer cancel()
	return g.transact(ctx, func(db DB) error { return g.write(ctx, db, all) })
}
