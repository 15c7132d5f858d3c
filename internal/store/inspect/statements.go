package inspect

import (
	"context"
	"errors"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/directory"
	"resetd/internal/store/sqldb"
)

// statementTimeout limits each statement. A page waits for several of them.
const statementTimeout = 3 * time.Second

// foreignHash is a hash that no account has.
const foreignHash = "resetd check: no account has this hash"

// Subject is the account that the statements are tried with.
type Subject struct {
	reset.Account                   // zero: an account that does not exist
	To            reset.NewPassword // for it
}

// ids are the values to try for an account's id. Without an account, the column's type is
// not known: it may be a number or a UUID.
func (s Subject) ids() []string {
	if s.exists() {
		return []string{s.ID}
	}
	return []string{"00000000-0000-0000-0000-000000000000", "0"}
}

func (s Subject) exists() bool { return s.ID != "" }

// address returns the parameters for find. RFC 2606, section 2 reserves the domain.
func (s Subject) address() (reset.Address, error) {
	if s.exists() {
		return reset.ParseAddress(s.Email)
	}
	return reset.ParseAddress("check@resetd.invalid")
}

// StatementFault describes the fault of one statement of the accounts.
type StatementFault struct {
	Name string
	*Fault
}

// Try runs each statement of the accounts as a reset does, in a transaction that is
// rolled back, and returns the faults. It stops at a statement that takes too long,
// because the others would wait for the same lock.
func (i *Inspector) Try(ctx context.Context, s Subject, now time.Time) (faults []StatementFault) {
	if fault := i.refuseUnsafe(ctx); fault != nil {
		return []StatementFault{{"set_password", fault}}
	}
	for _, named := range i.accounts.Statements() {
		fault := i.try(ctx, s, named, now)
		if fault == nil {
			continue
		}
		if faults = append(faults, StatementFault{named.Name, fault}); fault.late {
			break
		}
	}
	if len(faults) > 0 || !s.exists() {
		return faults
	}
	if fault := i.try(ctx, s, directory.Named{Name: directory.ReadBack}, now); fault != nil {
		return []StatementFault{{directory.ReadBack, fault}}
	}
	return nil
}

// try runs a statement with one id after another until the database accepts the value.
func (i *Inspector) try(ctx context.Context, s Subject, named directory.Named, now time.Time) (fault *Fault) {
	for _, id := range s.ids() {
		err := i.rolledBack(ctx, func(db sqldb.DB) error {
			return trial{i.accounts.On(db), db, s, id, now}.run(ctx, named)
		})
		if err == nil {
			return nil
		}
		if errors.As(explainRead(err), &fault); !fault.data {
			break
		}
	}
	return fault
}

func (i *Inspector) rolledBack(ctx context.Context, f func(sqldb.DB) error) error {
	return i.pool.RolledBack(ctx, statementTimeout, f)
}

// Ready returns an error if the service can't do its work: the database does not answer,
// or a statement of the accounts fails. It tries the statements after a start and after a
// failure, with an account that does not exist, so the service recovers by itself. If a
// statement failed only with the values of one account, or a separate database of the
// accounts does not answer, the service works. Then Ready returns a description.
func Ready(ctx context.Context, record, separate *sqldb.Pool, accounts directory.Accounts, now time.Time) (words string, err error) {
	if err := record.Writable(ctx); err != nil {
		return "", err
	}
	if separate != nil {
		if err := separate.Ping(ctx); err != nil {
			return "the database of RESETD_ACCOUNTS_DATABASE_URL does not answer, so emails and new passwords wait", nil //nolint:nilerr // the service works
		}
		record = separate
	}
	if accounts.Whole() {
		return "", nil
	}
	var fails []error
	for _, f := range New(record, accounts).Try(ctx, Subject{}, now) {
		if f.Name != "search" && f.Name != "sample" { // no reset needs them
			fails = append(fails, directory.Failed(f.Name, f.Fault))
		}
	}
	if len(fails) > 0 {
		return "", errors.Join(fails...)
	}
	return accounts.Forget(), nil
}
