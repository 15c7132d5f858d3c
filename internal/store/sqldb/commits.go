package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/batch"
)

const (
	commitQueue   = 1024
	mostPerCommit = 64
	commitTimeout = 10 * time.Second
	// closeTimeout is how long Close waits for transactions whose callers have gone.
	closeTimeout = 500 * time.Millisecond
)

// commits runs transactions that arrive together as one transaction, because a
// commit, which waits for the disk, costs more than the statements. It has one
// connection.
type commits struct {
	session *Session
	queue   *batch.Queue[*transaction]
	start   sync.Once
	running sync.WaitGroup
	working context.Context //nolint:containedctx // of the goroutine; ends soon after close
	stop    context.CancelFunc
}

type transaction struct {
	ctx context.Context //nolint:containedctx // of the caller, who may give up before its turn
	run func(DB) error
	mu  sync.Mutex // held while it runs
}

func newCommits(p *Pool) *commits {
	c := &commits{session: p.NewSession(), queue: batch.NewQueue[*transaction](commitQueue, mostPerCommit)}
	c.working, c.stop = context.WithCancel(context.Background())
	return c
}

// do returns after f: if ctx ends while f runs, it waits for f, whose statements end
// with ctx. Otherwise f would change what its caller has read already.
func (c *commits) do(ctx context.Context, f func(DB) error) error {
	c.start.Do(func() { c.running.Go(func() { c.queue.Run(c.commit) }) })
	t := &transaction{ctx: ctx, run: f}
	err := c.queue.Do(ctx, t)
	t.mu.Lock()
	defer t.mu.Unlock()
	return err
}

func (c *commits) close() {
	c.queue.Close()
	defer time.AfterFunc(closeTimeout, c.stop).Stop()
	c.running.Wait()
	c.stop()
	c.session.Close()
}

// commit runs all transactions as one or, if that fails, one by one.
func (c *commits) commit(all []*transaction) []error {
	errs := make([]error, len(all))
	err := c.transact(func(db DB) error {
		for _, t := range all {
			if err := runUnlessDone(t, db); err != nil {
				return err
			}
		}
		return nil
	})
	for i, t := range all {
		switch {
		case err == nil:
		case len(all) == 1:
			errs[i] = err
		default:
			errs[i] = c.transact(func(db DB) error { return runUnlessDone(t, db) })
		}
	}
	return errs
}

// runUnlessDone runs a transaction unless its caller has stopped waiting.
func runUnlessDone(t *transaction, db DB) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ctx.Err(); err != nil {
		return err
	}
	defer func() { // a panic must not hurt the others of the batch
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %T\n%s", p, debug.Stack())
		}
	}()
	return t.run(db)
}

func (c *commits) transact(f func(DB) error) error {
	ctx, cancel := context.WithTimeout(c.working, commitTimeout)
	defer cancel()
	if c.session.pool.Dialect.OwnConns {
		return c.session.InTx(ctx, f)
	}
	return c.session.pool.transact(ctx, f)
}

// oneWriter is the connection of a database with one writer: statements that change
// rows go through the queue of transactions.
type oneWriter struct {
	*sqlx.DB
	pool *Pool
}

// ExecContext implements sqlx.ExecerContext.
func (w oneWriter) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	err = w.pool.InTx(ctx, func(db DB) error {
		result, err = db.conn.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}
