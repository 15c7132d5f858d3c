package sqldb

import "context"

// migrationLock is "reset" in ASCII: a number that no other program uses.
const migrationLock = 0x7265736574

// TryLock takes PostgreSQL's lock for changing the tables, or reports that another
// process has it. The lock ends with unlock, with ctx, and with the process.
func (p *Pool) TryLock(ctx context.Context) (unlock func(), locked bool, err error) {
	tx, err := p.pool.BeginTxx(ctx, nil)
	if err != nil {
		return nil, false, Translate(err)
	}
	unlock = func() { _ = tx.Rollback() }
	err = tx.GetContext(ctx, &locked, `SELECT pg_try_advisory_xact_lock($1)`, int64(migrationLock))
	if err != nil || !locked {
		unlock()
	}
	return unlock, locked, Translate(err)
}
