package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"resetd/internal/accounts"
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
	tries := map[string]func(q queries, s accounts.Statement, id string) error{
		"find": func(q queries, s accounts.Statement, _ string) error {
			return q.tryRead(ctx, s, 0, "rows come back for an address that no account has", nobody, nobody, nobody)
		},
		"get": func(q queries, s accounts.Statement, id string) error {
			return q.tryRead(ctx, s, 1, "several rows come back for one id", id)
		},
		"set_password": func(q queries, s accounts.Statement, id string) error { return q.trySetPassword(ctx, s, id, now) },
		"sample":       func(q queries, s accounts.Statement, _ string) error { return q.tryRead(ctx, s, 0, "") },
	}
	for _, named := range i.s.directory.statements() {
		f := tries[named.name]
		if f == nil {
			f = func(q queries, s accounts.Statement, id string) error {
				_, err := q.tryWrite(ctx, s, now, id)
				return err
			}
		}
		fault := i.try(ctx, func(q queries, id string) error { return f(q, named.statement, id) })
		if fault == nil {
			continue
		}
		if faults = append(faults, StatementFault{named.name, fault}); fault.late {
			break
		}
	}
	return faults
}

// try runs f with one id after another until the database has nothing against
// the value: an id may be a number or a UUID.
func (i *Inspector) try(ctx context.Context, f func(q queries, id string) error) *Fault {
	var fault *Fault
	for _, id := range nobodyIDs {
		err := i.rolledBack(ctx, func(q queries) error { return f(q, id) })
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

func (i *Inspector) rolledBack(ctx context.Context, f func(queries) error) error {
	ctx, cancel := context.WithTimeout(ctx, statementTimeout)
	defer cancel()
	tx, err := i.s.pool.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return f(queries{tx, i.s.dialect, i.s.directory})
}

// tryRead looks at the columns and at the number of rows, where there may be too
// many.
func (q queries) tryRead(ctx context.Context, s accounts.Statement, most int, otherwise string, args ...any) error {
	query, bound := s.Bind(time.Time{}, args...)
	rows, err := q.db.QueryxContext(ctx, query, arguments(bound)...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if err := cmp.Or(complete(rows), fits(rows)); err != nil {
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

func (q queries) trySetPassword(ctx context.Context, s accounts.Statement, id string, now time.Time) error {
	n, err := q.tryWrite(ctx, s, now, id, nobodyHash, nobodyHash)
	if err == nil && n > 0 {
		return &Fault{
			Words:  fmt.Sprintf("it would have changed %d accounts that it was not told to", n),
			Advice: "its WHERE must compare the id with $1 and the password's hash with $3",
		}
	}
	return err
}

func (q queries) tryWrite(ctx context.Context, s accounts.Statement, now time.Time, args ...any) (int64, error) {
	query, bound := s.Bind(now, args...)
	result, err := q.db.ExecContext(ctx, query, arguments(bound)...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
