package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/jmoiron/sqlx"
)

// transaction is a function that shares a transaction with others, see Pool.InBatch.
type transaction struct {
	ctx context.Context //nolint:containedctx // of the caller, who may give up before its turn
	run func(DB) error
	mu  sync.Mutex // held while it runs
}

func newCommits(p *Pool) *GroupCommit[*transaction] {
	g := NewGroupCommit(p.NewSession(), runAll)
	if !p.Dialect.OwnConns { // the session would use InBatch
		g.transact = p.transact
	}
	return g
}

// InBatch runs f in a transaction together with others that arrive at the same
// time. If one of them fails, each runs again in a transaction of its own. It returns after
// f: if ctx ends while f runs, it waits for f, whose statements end with ctx. Otherwise f
// would change what its caller has read already.
func (p *Pool) InBatch(ctx context.Context, f func(DB) error) error {
	t := &transaction{ctx: ctx, run: f}
	err := p.commits.Do(ctx, t)
	t.mu.Lock()
	defer t.mu.Unlock()
	return err
}

func runAll(_ context.Context, db DB, all []*transaction) error {
	for _, t := range all {
		if err := t.runUnlessDone(db); err != nil {
			return err
		}
	}
	return nil
}

// runUnlessDone runs a transaction unless its caller has stopped waiting.
func (t *transaction) runUnlessDone(db DB) (err error) {
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

// writer runs each statement that changes rows in a transaction. Without one, database/sql
// would send it again if the connection breaks, although the server may have executed it and
// only its reply is lost. On SQLite the statements go through the queue of transactions.
type writer struct {
	*sqlx.DB
	pool *Pool
}

// ExecContext implements sqlx.ExecerContext.
func (w writer) ExecContext(ctx context.Context, query string, args ...any) (result sql.Result, err error) {
	err = w.pool.InTx(ctx, func(db DB) error {
		result, err = db.conn.ExecContext(ctx, query, args...)
		return err
	})
	return result, err
}
