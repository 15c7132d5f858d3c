package inspect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lib/pq"
	"modernc.org/sqlite"

	"resetd/internal/accounts"
	"resetd/internal/reset"
)

// mostSampled is how many accounts are looked at.
const mostSampled = 1000

// Sample returns some accounts, as the statement sample says; none without it.
func (i *Inspector) Sample(ctx context.Context) (found []reset.Account, err error) {
	sample, there := i.statement("sample")
	if !there {
		return nil, nil
	}
	err = i.rolledBack(ctx, func(q trial) error {
		found, err = q.accounts.Read(ctx, mostSampled, sample)
		return err
	})
	return found, explainRead(err)
}

// Find returns the accounts with this address.
func (i *Inspector) Find(ctx context.Context, a reset.Address) (found []reset.Account, err error) {
	find, _ := i.statement("find")
	err = i.rolledBack(ctx, func(q trial) error {
		found, err = q.accounts.Read(ctx, mostSampled, find, a.Typed, a.Folded, a.Normal)
		return err
	})
	return accounts.Match(a, found), explainRead(err)
}

// statement returns a statement by its name, and whether the directory has it.
func (i *Inspector) statement(name string) (accounts.Statement, bool) {
	for _, s := range i.accounts.Statements() {
		if s.Name == name {
			return s.Statement, true
		}
	}
	return "", false
}

// Rehearse does to an account all that a reset does, and rolls it back. The hash
// is one as would be written. The fault's name is the statement's.
func (i *Inspector) Rehearse(ctx context.Context, a reset.Account, hash string, now time.Time) *StatementFault {
	at := ""
	err := i.rolledBack(ctx, func(q trial) (err error) {
		for _, step := range i.accounts.Statements() {
			at = step.Name
			switch at {
			case "find":
				err = q.rehearseFind(ctx, step.Statement, a)
			case "get":
				err = q.rehearseGet(ctx, step.Statement, a)
			case "set_password":
				err = q.rehearseSet(ctx, step.Statement, a, hash, now)
			case "sample":
			default:
				_, err = q.tryWrite(ctx, step.Statement, now, a.ID)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		return nil
	}
	var fault *Fault
	errors.As(explainRead(err), &fault)
	return &StatementFault{at, fault}
}

func (q trial) rehearseFind(ctx context.Context, find accounts.Statement, a reset.Account) error {
	address, err := reset.ParseAddress(a.Email)
	if err != nil {
		return nil //nolint:nilerr // nobody can ask for a link for it
	}
	found, err := q.accounts.Read(ctx, mostSampled, find, address.Typed, address.Folded, address.Normal)
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.ID == a.ID {
			return nil
		}
	}
	return &Fault{Words: "it does not find an account by its own address", Advice: "look at its WHERE, and at how addresses are stored"}
}

func (q trial) rehearseGet(ctx context.Context, get accounts.Statement, a reset.Account) error {
	found, err := q.accounts.Read(ctx, mostSampled, get, a.ID)
	if err != nil {
		return err
	}
	if len(found) != 1 || found[0].ID != a.ID || found[0].PasswordHash != a.PasswordHash {
		return &Fault{Words: fmt.Sprintf("%d rows come back for the id of an account, want that one", len(found)), Advice: "look at its WHERE"}
	}
	return nil
}

func (q trial) rehearseSet(ctx context.Context, set accounts.Statement, a reset.Account, hash string, now time.Time) error {
	const advice = "its WHERE must compare the id with $1 and the password's hash with $3"
	n, err := q.tryWrite(ctx, set, now, a.ID, hash, nobodyHash)
	if err == nil && n > 0 {
		return &Fault{Words: "it changes an account whose hash is not $3", Advice: advice}
	}
	if err == nil {
		n, err = q.tryWrite(ctx, set, now, a.ID, hash, a.PasswordHash)
	}
	if err == nil && n != 1 {
		return &Fault{Words: fmt.Sprintf("it changes %d rows for one account, want one", n), Advice: advice}
	}
	return err
}

// explainRead is explain for what read says too, which is free of values.
func explainRead(err error) error {
	var (
		known *Fault
		pg    *pq.Error
		lite  *sqlite.Error
	)
	switch {
	case err == nil, errors.As(err, &known), errors.As(err, &pg), errors.As(err, &lite):
		return explain(err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, reset.ErrUnavailable):
		return &Fault{Words: "no answer in time", Advice: slow, late: true}
	default:
		return &Fault{Words: err.Error()}
	}
}
