package inspect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/sqltext"
	"resetd/internal/store/directory"
	"resetd/internal/store/sqldb"
)

// trial is one statement in a transaction that is rolled back.
type trial struct {
	accounts directory.Accounts
	db       sqldb.DB
	subject  Subject
	id       string
	now      time.Time
}

func (t trial) run(ctx context.Context, named directory.Named) error {
	switch named.Name {
	case "find":
		return t.find(ctx, named.Statement)
	case "get":
		return t.get(ctx, named.Statement)
	case "set_password":
		return t.setPassword(ctx, named.Statement)
	case directory.ReadBack:
		return t.readBack(ctx)
	case "search":
		_, err := t.accounts.Read(ctx, MostSampled, named.Statement, "check@resetd.invalid")
		return err
	case "sample":
		_, err := t.accounts.Read(ctx, MostSampled, named.Statement)
		return err
	default:
		return t.inTransaction(ctx, named.Statement, func() error {
			_, err := t.write(ctx, named.Statement, t.id)
			return err
		})
	}
}

// inTransaction runs a statement, and returns a fault if the transaction ended with it:
// what it did could not be rolled back. A statement that would empty a table is not run.
func (t trial) inTransaction(ctx context.Context, s accounts.Statement, run func() error) error {
	if slices.Contains(t.db.Dialect.Ending, firstWord(t.db.Dialect.Syntax.Parts(string(s)))) {
		return &endsTransaction
	}
	if err := t.db.Run(ctx, `SAVEPOINT resetd_check`); err != nil {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	err := t.db.Run(ctx, `RELEASE SAVEPOINT resetd_check`)
	if err == nil || errors.Is(err, reset.ErrUnavailable) || ctx.Err() != nil {
		return err
	}
	return &endsTransaction
}

var endsTransaction = Fault{
	Words:  "it ends the transaction, so a reset that fails could not be rolled back",
	Advice: "remove COMMIT, START TRANSACTION, TRUNCATE and statements like CREATE TABLE from it, or from the procedure that it calls",
}

// firstWord returns the first word of a statement, in capital letters.
func firstWord(parts []sqltext.Part) string {
	for _, p := range parts {
		if p.Kind == sqltext.Name {
			return strings.ToUpper(p.Text)
		}
	}
	return ""
}

func (t trial) find(ctx context.Context, find accounts.Statement) error {
	address, err := t.subject.address()
	if err != nil {
		return nil //nolint:nilerr // nobody can request a link for it
	}
	found, err := t.accounts.Read(ctx, MostSampled, find, address.Typed, address.Folded, address.Normal)
	switch {
	case err != nil:
		return err
	case !t.subject.exists() && len(found) > 0:
		return &Fault{Words: "it returns rows for an address that no account has", Advice: "check its WHERE"}
	case t.subject.exists() && !slices.ContainsFunc(found, func(a reset.Account) bool { return a.ID == t.id }):
		return &Fault{Words: "it does not find an account by its own address", Advice: "check its WHERE, and how addresses are stored"}
	default:
		return nil
	}
}

func (t trial) get(ctx context.Context, get accounts.Statement) error {
	found, err := t.accounts.Read(ctx, MostSampled, get, t.id)
	switch {
	case err != nil:
		return err
	case len(found) > 1:
		return &Fault{Words: "it returns several rows for one id", Advice: "check its WHERE"}
	case t.subject.exists() && (len(found) == 0 || found[0].ID != t.id):
		return &Fault{Words: "it does not return an account by its id", Advice: "check its WHERE"}
	case t.subject.exists() && found[0].PasswordHash != t.subject.PasswordHash:
		return &Fault{Words: "it returns another hash than sample or find", Advice: "check the column password_hash of each"}
	default:
		return nil
	}
}

// advice returns what a set_password of this form must do.
func (t trial) advice(s accounts.Statement) string {
	const must = "its WHERE must compare the id with $1 and the password's hash with $3"
	switch words := strings.Fields(string(s)); {
	case !strings.EqualFold(words[0], "UPDATE"):
		return "it must return or change one row if the account's hash is $3, and none otherwise; " +
			`see "Functions and procedures" in docs/accounts/README.md`
	case t.db.Dialect == &sqldb.SQLite:
		return must + "; the rows of a view with a trigger don't count, so write the table itself"
	default:
		return must
	}
}

func (t trial) setPassword(ctx context.Context, s accounts.Statement) error {
	advice := t.advice(s)
	var n int64
	err := t.inTransaction(ctx, s, func() (err error) {
		n, err = t.accounts.TryPassword(ctx, t.id, cmp.Or(t.subject.To.Hash, foreignHash), foreignHash, t.now)
		return err
	})
	switch {
	case err != nil:
		return err
	case n > 0:
		return &Fault{Words: "it changes an account where the hash is not $3", Advice: advice}
	case !t.subject.exists():
		return nil
	}
	n, err = t.accounts.TryPassword(ctx, t.id, t.subject.To.Hash, t.subject.PasswordHash, t.now)
	if err == nil && n != 1 {
		return &Fault{Words: fmt.Sprintf("it changes %d rows for one account, want one", n), Advice: advice}
	}
	return err
}

// readBack does what a reset does: set_password, after_reset, and get again.
func (t trial) readBack(ctx context.Context) error {
	a, err := t.accounts.Account(ctx, t.id)
	if err != nil {
		return err
	}
	err = t.accounts.SetPassword(ctx, a, t.subject.To, t.now)
	switch {
	case errors.Is(err, directory.ErrNotSet):
		return &Fault{Words: directory.ErrNotSet.Error(), Advice: notSetAdvice}
	case errors.Is(err, directory.ErrChanged):
		return &Fault{Words: "the account is deleted, not active or has another address then", Advice: "correct set_password, after_reset, or what the application does after them"}
	default:
		return err
	}
}

const notSetAdvice = "store the hash in the form in which get returns it; a format of its own or hash_template may describe that form"

func (t trial) write(ctx context.Context, s accounts.Statement, args ...any) (int64, error) {
	query, bound := s.Bind(t.db.Dialect.Syntax, t.now, args...)
	return t.db.Change(ctx, query, bound...)
}
