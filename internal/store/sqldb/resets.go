package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"resetd/internal/reset"
)

// ResetColumns lists the columns of the record, for SELECT and RETURNING.
var ResetColumns = func() string {
	names := make([]string, len(reset.Columns))
	for i, c := range reset.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}()

func resetFields(r *reset.Reset) []any {
	fields := make([]any, len(reset.Columns))
	for i, c := range reset.Columns {
		fields[i] = c.Field(r)
	}
	return fields
}

// Resets reads the rows of a query for ResetColumns.
func (db DB) Resets(ctx context.Context, query string, args ...any) ([]reset.Reset, error) {
	return scanAll(ctx, db, resetFields, query, args)
}

// scanAll reads the rows of a query. fields returns a pointer for each column.
func scanAll[T any](ctx context.Context, db DB, fields func(*T) []any, query string, args []any) (found []T, err error) {
	defer db.observe(ctx, "list", &err)()
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, Translate(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var row T
		into := fields(&row)
		for i, field := range into {
			into[i] = scanner(field)
		}
		if err := rows.Scan(into...); err != nil {
			return nil, Translate(err)
		}
		found = append(found, row)
	}
	return found, Translate(rows.Err())
}

// Reset reads the one row of a query for ResetColumns, or returns
// reset.ErrNotFound.
func (db DB) Reset(ctx context.Context, query string, args ...any) (reset.Reset, error) {
	found, err := db.Resets(ctx, query, args...)
	if err == nil && len(found) == 0 {
		err = reset.ErrNotFound
	}
	if err != nil {
		return reset.Reset{}, err
	}
	return found[0], nil
}

// scan sets a field from a driver's value.
type scan func(src any) error

// Scan implements sql.Scanner.
func (f scan) Scan(src any) error { return f(src) }

// scanner returns a destination for Scan that sets a field. NULL becomes the zero value.
func scanner(field any) any {
	switch p := field.(type) {
	case *time.Time:
		return scan(func(src any) (err error) { var i Instant; err = i.Scan(src); *p = i.Time; return err })
	case *netip.Addr:
		return scan(func(src any) (err error) { var a IP; err = a.Scan(src); *p = a.Addr; return err })
	case *string:
		return text(p)
	case *reset.Withheld:
		return text(p)
	case *reset.MailState:
		return text(p)
	case *reset.Kind:
		return text(p)
	case *int, sql.Scanner:
		return p
	default:
		panic(fmt.Sprintf("sqldb: a column of type %T", field))
	}
}

func text[T ~string](p *T) scan {
	return func(src any) (err error) { var t Text[T]; err = t.Scan(src); *p = t.V; return err }
}
