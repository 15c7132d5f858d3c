package directory

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"

	"resetd/internal/store/sqldb"
)

// key is an id. A binary one, such as a UUID in 16 bytes, can't be bound as text.
type key string

// Scan implements [sql.Scanner].
func (k *key) Scan(src any) error {
	var s sql.NullString
	err := s.Scan(src)
	if *k = key(s.String); err == nil && (!s.Valid || !utf8.ValidString(s.String)) {
		return errors.New("not text")
	}
	return err
}

// flag is a boolean; NULL is false. MariaDB returns a BIT as a byte.
type flag bool

// Scan implements [sql.Scanner].
func (f *flag) Scan(src any) error {
	if bit, is := src.([]byte); is && len(bit) == 1 && bit[0] <= 1 {
		*f = bit[0] == 1
		return nil
	}
	var b sql.NullBool
	err := b.Scan(src)
	*f = flag(b.Bool)
	return err
}

// misfit returns an error that names the column whose value does not fit an account.
func misfit(rows *sqlx.Rows) error {
	columns, err := rows.Columns()
	if err != nil {
		return sqldb.Translate(err)
	}
	for n, name := range columns {
		into := make([]any, len(columns))
		for other := range into {
			into[other] = new(any)
		}
		switch name {
		case "id":
			into[n] = new(key)
		case "active":
			into[n] = new(flag)
		default:
			into[n] = new(sqldb.Text)
		}
		if rows.Scan(into...) != nil {
			return fmt.Errorf("column %s has a type that does not fit%s", name, misfits[name])
		}
	}
	return errors.New("a column has a type that does not fit")
}

// misfits are what the values of a column may be.
var misfits = map[string]string{
	"id":     ", or an id is NULL or not text: return a binary one as hex(id)",
	"active": `: it must be a boolean, or a number that is 0 or 1; write a comparison, such as status = 'active' AS active`,
}

// fits returns an error if a column's type can't hold an account's value.
// PostgreSQL and MySQL report the types without a row; SQLite's columns have no types.
func fits(rows *sqlx.Rows) error {
	types, err := rows.ColumnTypes()
	if err != nil {
		return sqldb.Translate(err)
	}
	noText := []string{"BYTEA", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "TIMESTAMPTZ"}
	noBool := append([]string{"UUID", "JSON", "JSONB"}, noText...)
	for _, t := range types {
		kind := strings.ToUpper(t.DatabaseTypeName())
		switch {
		case t.Name() != "active" && kind == "BYTEA":
			return fmt.Errorf("column %s has the type bytea, want text; return an id as encode(id, 'hex'), and text as convert_from(%[1]s, 'UTF8')", t.Name())
		case t.Name() != "active" && slices.Contains(noText, kind):
			return fmt.Errorf("column %s has the type %s, want text", t.Name(), strings.ToLower(kind))
		case t.Name() == "active" && kind != "BOOL" && slices.Contains(noBool, kind):
			return fmt.Errorf("column active has the type %s, want a boolean", strings.ToLower(kind))
		}
	}
	return nil
}
