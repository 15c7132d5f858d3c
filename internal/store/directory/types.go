package directory

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"resetd/internal/store/sqldb"
)

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
			into[n] = new(string)
		case "active":
			into[n] = new(sql.NullBool)
		default:
			into[n] = new(sqldb.Text[string])
		}
		if rows.Scan(into...) != nil {
			return fmt.Errorf("column %s has a type that does not fit, or an id is NULL", name)
		}
	}
	return errors.New("a column has a type that does not fit")
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
		case t.Name() != "active" && slices.Contains(noText, kind):
			return fmt.Errorf("column %s has the type %s, want text", t.Name(), strings.ToLower(kind))
		case t.Name() == "active" && kind != "BOOL" && slices.Contains(noBool, kind):
			return fmt.Errorf("column active has the type %s, want a boolean", strings.ToLower(kind))
		}
	}
	return nil
}
