package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"

	"resetd/internal/accounts"
	"resetd/internal/reset"
)

type accountRow struct {
	ID           string       `db:"id"`
	Email        text[string] `db:"email"`
	Name         text[string] `db:"name"`
	PasswordHash text[string] `db:"password_hash"`
	Active       sql.NullBool `db:"active"`
	Locale       text[string] `db:"locale"`
}

// FindAccounts implements reset.Directory.
func (q queries) FindAccounts(ctx context.Context, a reset.Address) ([]reset.Account, error) {
	found, err := q.accounts(ctx, "find", q.directory.Find, a.Typed, a.Folded, a.Normal)
	if err != nil {
		return nil, err
	}
	return accounts.Match(a, found), nil
}

// Account implements reset.Directory. Any text may be asked for, and a key may
// be a number: PostgreSQL refuses a text that is none, SQLite reads 12x as 12.
func (q queries) Account(ctx context.Context, id string) (reset.Account, error) {
	found, err := q.accounts(ctx, "get", q.directory.Get, id)
	switch {
	case errors.Is(err, errValue):
		return reset.Account{}, reset.ErrNotFound
	case err != nil:
		return reset.Account{}, err
	case len(found) > 1:
		return reset.Account{}, q.directory.note("get", fmt.Errorf("%d rows for one id", len(found)))
	case len(found) == 0 || found[0].ID != id:
		return reset.Account{}, reset.ErrNotFound
	default:
		return found[0], nil
	}
}

// SetPassword implements reset.Directory.
func (q queries) SetPassword(ctx context.Context, a reset.Account, hash string, now time.Time) error {
	sql, args := q.directory.SetPassword.Bind(now, a.ID, hash, a.PasswordHash)
	n, err := q.exec(ctx, sql, args...)
	switch {
	case err == nil && n > 1:
		err = fmt.Errorf("it would have changed %d rows", n)
	case err == nil && n == 0:
		return reset.ErrAccountChanged
	}
	if err := q.directory.note("set_password", err); err != nil {
		return err
	}
	return q.EndSessions(ctx, a, now)
}

// EndSessions implements reset.Directory: it is what after_reset is for.
func (q queries) EndSessions(ctx context.Context, a reset.Account, now time.Time) error {
	for i, statement := range q.directory.AfterReset {
		sql, args := statement.Bind(now, a.ID)
		if err := q.directory.note(afterReset(i), q.run(ctx, sql, args...)); err != nil {
			return err
		}
	}
	return nil
}

// accounts runs a statement of the directory's, which somebody else may have
// written: what it lacks is named.
func (q queries) accounts(ctx context.Context, name string, statement accounts.Statement, args ...any) ([]reset.Account, error) {
	found, err := q.read(ctx, math.MaxInt, statement, args...)
	if name == "get" && errors.Is(err, errValue) { // any text may be asked for
		return nil, err
	}
	return found, q.directory.note(name, err)
}

func (q queries) read(ctx context.Context, most int, statement accounts.Statement, args ...any) (found []reset.Account, err error) {
	query, bound := statement.Bind(time.Time{}, args...)
	rows, err := q.db.QueryxContext(ctx, query, arguments(bound)...)
	if err != nil {
		return nil, translate(err)
	}
	defer func() { _ = rows.Close() }()
	if err := complete(rows); err != nil {
		return nil, err
	}
	for len(found) < most && rows.Next() {
		var r accountRow
		if err := rows.StructScan(&r); err != nil {
			return nil, misfit(rows)
		}
		found = append(found, reset.Account{
			ID: r.ID, Email: r.Email.V, Name: r.Name.V, PasswordHash: r.PasswordHash.V,
			Active: r.Active.Bool, Locale: r.Locale.V,
		})
	}
	return found, translate(rows.Err())
}

func complete(rows *sqlx.Rows) error {
	columns, err := rows.Columns()
	if err != nil {
		return translate(err)
	}
	required := []string{"id", "email", "name", "password_hash", "active"}
	for _, name := range required {
		if !slices.Contains(columns, name) {
			return aboutNames{fmt.Errorf("column %s is missing", name)}
		}
	}
	for _, name := range columns {
		if name != "locale" && !slices.Contains(required, name) {
			return aboutNames{fmt.Errorf("column %s is none that resetd knows", name)}
		}
	}
	return nil
}
