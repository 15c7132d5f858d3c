package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/store/directory"
	"resetd/internal/store/sqldb"
)

// statementTimeout is for each statement. Whoever waits for a page waits for
// several of them.
const statementTimeout = 3 * time.Second

// What the statements are tried with: an address and a hash that nobody has.
// The ids are such that one of them has the type of any account's.
const (
	nobody     = "check@resetd.invalid" // RFC 2606, section 2
	nobodyHash = "resetd check: no account has this hash"
)

var nobodyIDs = []string{"00000000-0000-0000-0000-000000000000", "0"}

// StatementFault is what is wrong with one statement of the accounts.
type StatementFault struct {
	Name string
	*Fault
}

// Statements tries each statement of the accounts in a transaction that is
// rolled back, and returns those that fail. After one that takes too long it
// stops: the rest would wait for the same lock.
func (i *Inspector) Statements(ctx context.Context, now time.Time) (faults []StatementFault) {
	tries := map[string]func(q trial, s accounts.Statement, id string) error{
		"find": func(q trial, s accounts.Statement, _ string) error {
			return q.tryRead(ctx, s, 0, "rows come back for an address that no account has", nobody, nobody, nobody)
		},
		"get": func(q trial, s accounts.Statement, id string) error {
			return q.tryRead(ctx, s, 1, "several rows come back for one id", id)
		},
		"set_password": func(q trial, s accounts.Statement, id string) error { return q.trySetPassword(ctx, s, id, now) },
		"sample":       func(q trial, s accounts.Statement, _ string) error { return q.tryRead(ctx, s, 0, "") },
	}
	for _, named := range i.accounts.Statements() {
		f := tries[named.Name]
		if f == nil {
			f = func(q trial, s accounts.Statement, id string) error {
				_, err := q.tryWrite(ctx, s, now, id)
				return err
			}
		}
		fault := i.try(ctx, func(q trial, id string) error { return f(q, named.Statement, id) })
		if fault == nil {
			continue
		}
		if faults = append(faults, StatementFault{named.Name, fault}); fault.late {
			break
		}
	}
	return faults
}

// try runs f with one id after another until the database has nothing against
// the value: an id may be a number or a UUID.
func (i *Inspector) try(ctx context.Context, f func(q trial, id string) error) *Fault {
	var fault *Fault
	for _, id := range nobodyIDs {
		err := i.rolledBack(ctx, func(q trial) error { return f(q, id) })
		switch {
		case err == nil:
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			return &Fault{Words: "no answer in time", Advice: slow, late: true}
		}
		errors.As(explain(err), &fault)
		if !fault.data {
			break
		}
	}
	return fault
}

// trial runs statements in a transaction that is rolled back.
type trial struct {
	db       sqldb.DB
	accounts directory.Accounts
}

func (i *Inspector) rolledBack(ctx context.Context, f func(trial) error) error {
	return i.pool.RolledBack(ctx, statementTimeout, func(db sqldb.DB) error { return f(trial{db, i.accounts.In(db)}) })
}

// tryRead looks at the columns and at the number of rows, where there may be too
// many.
func (q trial) tryRead(ctx context.Context, s accounts.Statement, most int, otherwise string, args ...any) error {
	query, bound := s.Bind(time.Time{}, args...)
	rows, err := q.db.Query(ctx, query, bound...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if err := cmp.Or(directory.Complete(rows), directory.Fits(rows)); err != nil {
		return &Fault{Words: err.Error()}
	}
	n := 0
	for n <= most && rows.Next() {
		n++
	}
	if n > most && otherwise != "" {
		return &Fault{Words: otherwise, Advice: "look at its WHERE"}
	}
	return rows.Err()
}

func (q trial) trySetPassword(ctx context.Context, s accounts.Statement, id string, now time.Time) error {
	n, err := q.tryWrite(ctx, s, now, id, nobodyHash, nobodyHash)
	if err == nil && n > 0 {
		return &Fault{
			Words:  fmt.Sprintf("it would have changed %d accounts that it was not told to", n),
			Advice: "its WHERE must compare the id with $1 and the password's hash with $3",
		}
	}
	return err
}

func (q trial) tryWrite(ctx context.Context, s accounts.Statement, now time.Time, args ...any) (int64, error) {
	query, bound := s.Bind(now, args...)
	return q.db.Change(ctx, query, bound...)
}

// Ready reports whether the service can do its work: the database answers, and no
// statement of the accounts fails. It tries them after a start, and after one has
// failed, with an account that nobody has, so that it recovers by itself. If a
// statement fails only with the values of one account, the service works, and the
// words tell what happened.
func Ready(ctx context.Context, pool *sqldb.Pool, accounts directory.Accounts, now time.Time) (words string, err error) {
	var one int
	if err := pool.Get(ctx, &one, `SELECT 1`); err != nil || accounts.Whole() {
		return "", err
	}
	var fails []error
	for _, f := range New(pool, accounts).Statements(ctx, now) {
		if f.Name != "sample" { // which no reset needs
			fails = append(fails, directory.Failed(f.Name, f.Fault))
		}
	}
	if len(fails) > 0 {
		return "", errors.Join(fails...)
	}
	return accounts.Forget(), nil
}
