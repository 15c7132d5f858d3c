package inspect

import (
	"context"
	"errors"

	"github.com/go-sql-driver/mysql"
	"github.com/lib/pq"
	"modernc.org/sqlite"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// MostSampled is how many accounts are read.
const MostSampled = 1000

// Sample returns the accounts that the statement sample selects. Without the statement,
// it returns no accounts.
func (i *Inspector) Sample(ctx context.Context) (found []reset.Account, err error) {
	sample, there := i.statement("sample")
	if !there {
		return nil, nil
	}
	err = i.rolledBack(ctx, func(db sqldb.DB) error {
		found, err = i.accounts.On(db).Read(ctx, MostSampled, sample)
		return err
	})
	return found, explainRead(err)
}

// Find returns the accounts with this address.
func (i *Inspector) Find(ctx context.Context, a reset.Address) (found []reset.Account, err error) {
	find, _ := i.statement("find")
	err = i.rolledBack(ctx, func(db sqldb.DB) error {
		found, err = i.accounts.On(db).Read(ctx, MostSampled, find, a.Typed, a.Folded, a.Normal)
		return err
	})
	return accounts.Match(a, found), explainRead(err)
}

// Account returns the account with this id.
func (i *Inspector) Account(ctx context.Context, id string) (a reset.Account, err error) {
	err = i.rolledBack(ctx, func(db sqldb.DB) error {
		a, err = i.accounts.In(db).Account(ctx, id)
		return err
	})
	return a, explainRead(err)
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

// explainRead is explain, for errors of Read too. Their texts contain no values.
func explainRead(err error) error {
	var (
		known *Fault
		pg    *pq.Error
		lite  *sqlite.Error
		my    *mysql.MySQLError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &Fault{Words: "no answer in time", Advice: slow, late: true}
	case err == nil, errors.As(err, &known), errors.As(err, &pg), errors.As(err, &lite), errors.As(err, &my):
		return explain(err)
	case errors.Is(err, reset.ErrUnavailable):
		return &Fault{Words: "no answer in time", Advice: slow, late: true}
	default:
		return &Fault{Words: err.Error(), data: errors.Is(err, sqldb.ErrValue)}
	}
}
