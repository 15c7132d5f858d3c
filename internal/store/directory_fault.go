package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/reset"
)

// directory is the accounts' statements, and which of them failed last.
type directory struct {
	accounts.Directory
	mu     sync.Mutex
	failed []*statementError
	tried  bool // all of them, by Ready
}

// statementError is a statement that failed, by its name, and why, without
// values. It is reset.ErrAccounts.
type statementError struct {
	name string
	err  error
}

func (e *statementError) Error() string   { return "accounts: " + e.name + ": " + e.err.Error() }
func (e *statementError) Unwrap() []error { return []error{reset.ErrAccounts, e.err} }

// namedStatement has the name that people know it by.
type namedStatement struct {
	name      string
	statement accounts.Statement
}

func (d *directory) statements() []namedStatement {
	all := []namedStatement{{"find", d.Find}, {"get", d.Get}, {"set_password", d.SetPassword}}
	for n, s := range d.AfterReset {
		all = append(all, namedStatement{afterReset(n), s})
	}
	if d.Sample != "" {
		all = append(all, namedStatement{"sample", d.Sample})
	}
	return all
}

func afterReset(n int) string { return fmt.Sprintf("after_reset, statement %d", n+1) }

// note remembers how a statement went, for Ready, and returns its error with its
// name. A database that is away, or a reader who is, is no fault of a statement's.
func (d *directory) note(name string, err error) error {
	if err != nil && (errors.Is(err, reset.ErrUnavailable) || errors.Is(err, context.Canceled) || isDeadlock(err)) {
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

// forget drops what was about a statement that works now, and not about one
// account's values. It returns what is left.
func (d *directory) forget() []*statementError {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tried = true
	d.failed = slices.DeleteFunc(d.failed, func(e *statementError) bool {
		_, names := errors.AsType[aboutNames](e.err)
		return names
	})
	return slices.Clone(d.failed)
}

// whole: all were tried once, and none has failed since.
func (d *directory) whole() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tried && len(d.failed) == 0
}

// Ready tells whether the service can do its work: the database answers, and no
// statement of the accounts fails. All are tried after a start, and where one has
// failed, with an account that nobody has, so that it recovers by itself. Where it
// fails with one account's values alone the service works, and the words say what
// happened.
func (s *Store) Ready(ctx context.Context, now time.Time) (words string, err error) {
	if err := s.Ping(ctx); err != nil || s.directory.whole() {
		return "", err
	}
	var fails []error
	for _, f := range (&Inspector{s}).Statements(ctx, now) {
		if f.Name != "sample" { // which a reset has no use for
			fails = append(fails, &statementError{f.Name, f.Fault})
		}
	}
	if len(fails) > 0 {
		return "", errors.Join(fails...)
	}
	var last []string
	for _, e := range s.directory.forget() {
		last = append(last, e.Error()+", with the values of one account")
	}
	return strings.Join(last, "\n"), nil
}
