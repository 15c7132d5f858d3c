package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// directory is the accounts' statements and their latest failures.
type directory struct {
	accounts.Directory
	mu     sync.Mutex
	failed []*statementError
	tried  bool // Ready has tried all statements
}

// statementError is the name of a failed statement and its error, without values.
// It wraps reset.ErrAccounts.
type statementError struct {
	name string
	err  error
}

func (e *statementError) Error() string   { return "accounts: " + e.name + ": " + e.err.Error() }
func (e *statementError) Unwrap() []error { return []error{reset.ErrAccounts, e.err} }

// Named is a statement with its name.
type Named struct {
	Name      string
	Statement accounts.Statement
}

// Statements returns all statements in the order of a reset.
func (d Accounts) Statements() []Named {
	s := d.directory
	all := []Named{{"find", s.Find}, {"get", s.Get}, {"set_password", s.SetPassword}}
	for n, statement := range s.AfterReset {
		all = append(all, Named{afterReset(n), statement})
	}
	if s.Search != "" {
		all = append(all, Named{"search", s.Search})
	}
	if s.Sample != "" {
		all = append(all, Named{"sample", s.Sample})
	}
	return all
}

func afterReset(n int) string { return fmt.Sprintf("after_reset, statement %d", n+1) }

// note remembers for Ready whether a statement failed, and returns its error with its
// name. An unavailable database or a disconnected client does not count as a failure.
func (d *directory) note(name string, err error) error {
	if err != nil && (errors.Is(err, reset.ErrUnavailable) || errors.Is(err, context.Canceled) || sqldb.IsDeadlock(err)) {
		return fmt.Errorf("accounts: %s: %w", name, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = slices.DeleteFunc(d.failed, func(e *statementError) bool { return e.name == name })
	if err == nil {
		return nil
	}
	failed := &statementError{name, err}
	d.failed = append(d.failed, failed)
	return failed
}

// Forget drops the failures of statements that work again, unless the values of one
// account caused them. It returns the remaining failures, one per line.
func (d Accounts) Forget() string {
	s := d.directory
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = true
	s.failed = slices.DeleteFunc(s.failed, func(e *statementError) bool {
		_, names := errors.AsType[sqldb.SchemaError](e.err)
		return names
	})
	var left []string
	for _, e := range s.failed {
		left = append(left, e.Error()+", with the values of one account")
	}
	return strings.Join(left, "\n")
}

// Whole reports whether all statements were tried once and none has failed since.
func (d Accounts) Whole() bool {
	d.directory.mu.Lock()
	defer d.directory.mu.Unlock()
	return d.directory.tried && len(d.directory.failed) == 0
}

// Failed returns the error of a failed statement. It wraps reset.ErrAccounts.
func Failed(name string, err error) error { return &statementError{name, err} }
