// Package directory runs the statements that find and change accounts. The accounts
// may belong to another application. The package remembers which statements failed.
package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
)

// Accounts finds and changes accounts, on a pool or in a transaction.
type Accounts struct {
	db        sqldb.DB
	directory *directory
	separate  bool // in another database than the record
}

var _ reset.Directory = Accounts{}

// New returns the accounts of a directory.
func New(db sqldb.DB, statements accounts.Directory) Accounts {
	return Accounts{db, &directory{Directory: statements}, false}
}

// NewSeparate is New for another database than the record's.
func NewSeparate(db sqldb.DB, statements accounts.Directory) Accounts {
	return Accounts{db, &directory{Directory: statements}, true}
}

// In returns the same accounts in a transaction of the record, which can't contain
// accounts in another database.
func (d Accounts) In(db sqldb.DB) Accounts {
	if d.separate {
		return d
	}
	return d.On(db)
}

// On returns the same accounts in a transaction of their database.
func (d Accounts) On(db sqldb.DB) Accounts { return Accounts{db, d.directory, d.separate} }

type accountRow struct {
	ID           key        `db:"id"`
	Email        sqldb.Text `db:"email"`
	Name         sqldb.Text `db:"name"`
	PasswordHash sqldb.Text `db:"password_hash"`
	Active       flag       `db:"active"`
	Locale       sqldb.Text `db:"locale"`
}

// FindAccounts implements reset.Directory.
func (d Accounts) FindAccounts(ctx context.Context, a reset.Address) ([]reset.Account, error) {
	found, err := d.Read(ctx, math.MaxInt, d.directory.Find, a.Typed, a.Folded, a.Normal)
	if errors.Is(err, sqldb.ErrCharset) && !reset.ASCII(a.Typed) {
		return nil, nil // no account has an address that its column can't hold
	}
	return accounts.Match(a, found), d.directory.note("find", err)
}

// Account implements reset.Directory. The id may be any text, but the key column may
// be a number. PostgreSQL then rejects other text, and SQLite reads 12x as 12.
func (d Accounts) Account(ctx context.Context, id string) (reset.Account, error) {
	found, err := d.accounts(ctx, "get", d.directory.Get, id)
	switch {
	case errors.Is(err, sqldb.ErrValue):
		return reset.Account{}, reset.ErrNotFound
	case err != nil:
		return reset.Account{}, err
	case len(found) > 1:
		return reset.Account{}, d.directory.note("get", fmt.Errorf("it returned %d rows for one id", len(found)))
	case len(found) == 0 || found[0].ID != id:
		return reset.Account{}, reset.ErrNotFound
	default:
		return found[0], nil
	}
}

// SetPassword implements reset.Directory. If it fails after a statement has ended the
// transaction, as a procedure on MySQL can, it returns reset.ErrUncertain: what was done can't
// be rolled back.
func (d Accounts) SetPassword(ctx context.Context, a reset.Account, to reset.NewPassword, now time.Time) error {
	if d.db.Dialect.Ending == nil || !d.db.InTransaction() {
		return d.setPassword(ctx, a, to, now)
	}
	if err := d.db.Run(ctx, `SAVEPOINT resetd`); err != nil {
		return err
	}
	err := d.setPassword(ctx, a, to, now)
	if err == nil || sqldb.IsDeadlock(err) {
		return err
	}
	if _, gone := errors.AsType[sqldb.SchemaError](d.db.Run(ctx, `RELEASE SAVEPOINT resetd`)); gone {
		return fmt.Errorf("%w: a statement has ended the transaction: %s", reset.ErrUncertain, err.Error())
	}
	return err
}

func (d Accounts) setPassword(ctx context.Context, a reset.Account, to reset.NewPassword, now time.Time) error {
	sql, args := d.directory.BindSetPassword(d.db.Dialect.Syntax, now, a.ID, to.Hash, a.PasswordHash)
	n, err := d.db.Exec(ctx, sql, args...)
	switch {
	case err == nil && n > 1:
		err = fmt.Errorf("it would have changed %d rows", n)
	case err == nil && n == 0:
		return reset.ErrAccountChanged
	}
	if err := d.directory.note("set_password", err); err != nil {
		return err
	}
	if err := d.EndSessions(ctx, a, now); err != nil {
		return err
	}
	return d.readBack(ctx, a, to)
}

// TryPassword runs set_password alone, in a transaction that is rolled back, and returns
// how many rows it changed. Errors are the driver's.
func (d Accounts) TryPassword(ctx context.Context, id, hash, present string, now time.Time) (int64, error) {
	sql, args := d.directory.BindSetPassword(d.db.Dialect.Syntax, now, id, hash, present)
	return d.db.Change(ctx, sql, args...)
}

// EndSessions implements reset.Directory by running after_reset.
func (d Accounts) EndSessions(ctx context.Context, a reset.Account, now time.Time) error {
	for i, statement := range d.directory.AfterReset {
		sql, args := statement.Bind(d.db.Dialect.Syntax, now, a.ID)
		if err := d.directory.note(afterReset(i), d.db.Run(ctx, sql, args...)); err != nil {
			return err
		}
	}
	return nil
}

func (r accountRow) account() reset.Account {
	return reset.Account{
		ID: string(r.ID), Email: r.Email.V, Name: r.Name.V, PasswordHash: r.PasswordHash.V,
		Active: bool(r.Active), Locale: r.Locale.V,
	}
}

// accounts runs find or get. An operator may have written the statement, so errors
// name the columns that are missing.
func (d Accounts) accounts(ctx context.Context, name string, statement accounts.Statement, args ...any) ([]reset.Account, error) {
	found, err := d.Read(ctx, math.MaxInt, statement, args...)
	if name == "get" && errors.Is(err, sqldb.ErrValue) { // the id may be any text
		return nil, err
	}
	return found, d.directory.note(name, err)
}

// Read runs find, get or sample and returns up to most accounts.
func (d Accounts) Read(ctx context.Context, most int, statement accounts.Statement, args ...any) (found []reset.Account, err error) {
	query, bound := statement.Bind(d.db.Dialect.Syntax, time.Time{}, args...)
	rows, err := d.db.Query(ctx, query, bound...)
	if err != nil {
		return nil, sqldb.Translate(err)
	}
	defer func() { _ = rows.Close() }()
	if err := cmp.Or(complete(rows), fits(rows)); err != nil {
		return nil, err
	}
	for len(found) < most && rows.Next() {
		var r accountRow
		if err := rows.StructScan(&r); err != nil {
			return nil, misfit(rows)
		}
		found = append(found, r.account())
	}
	return found, sqldb.Translate(rows.Err())
}

// complete returns an error unless the rows have the columns of an account.
func complete(rows *sqlx.Rows) error {
	columns, err := rows.Columns()
	if err != nil {
		return sqldb.Translate(err)
	}
	required := []string{"id", "email", "name", "password_hash", "active"}
	for _, name := range required {
		if !slices.Contains(columns, name) {
			return sqldb.SchemaError{Err: fmt.Errorf("column %s is missing", name)}
		}
	}
	for _, name := range columns {
		if name != "locale" && !slices.Contains(required, name) {
			return sqldb.SchemaError{Err: fmt.Errorf("column %s is not known to resetd", name)}
		}
	}
	return nil
}
