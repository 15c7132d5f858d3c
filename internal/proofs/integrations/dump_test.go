//go:build integrations

package integrations

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"resetd/internal/testkit"
)

// dump is the application's data in a database: the cells of each row, by its table and
// its first column.
type dump map[string]map[string]string

// The queries for the application's tables and their structure. On SQLite resetd's
// tables are in the same database and are excluded by their names.
var dumped = map[string]struct{ rows, tables, structure string }{
	"sqlite": {
		`SELECT * FROM main."%s"`,
		`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'reset\_%' ESCAPE '\' AND name <> 'password_resets' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
		`SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'reset\_%' ESCAPE '\' AND tbl_name <> 'password_resets' AND tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
	},
	"mysql": {
		"SELECT * FROM `%s`",
		`SELECT table_name FROM information_schema.tables WHERE table_schema = database()`,
		`SELECT concat(table_name, '.', column_name), column_type, column_default, is_nullable, column_key FROM information_schema.columns WHERE table_schema = database()`,
	},
	"postgres": {
		`SELECT * FROM public."%s"`,
		`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`,
		`SELECT table_name || '.' || column_name, data_type, character_maximum_length, column_default, is_nullable FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT indexname, indexdef, NULL, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT sequencename, last_value::text, NULL, NULL, NULL FROM pg_sequences WHERE schemaname = 'public'`,
	},
}

func (a *application) dump() dump {
	a.Helper()
	opened, err := testkit.Connect(a.db.URL)
	a.must(err)
	db := opened.DB
	defer func() { _ = db.Close() }()
	what, all, tables := dumped[a.db.Name], dump{}, dump{}
	a.read(db, all, "structure", what.structure)
	a.read(db, tables, "", what.tables)
	for table := range tables {
		name := strings.TrimPrefix(table, "/")
		a.read(db, all, name, fmt.Sprintf(what.rows, name))
	}
	return all
}

func (a *application) read(db *sql.DB, into dump, table, query string) {
	a.Helper()
	rows, err := db.QueryContext(a.Context(), query)
	a.must(err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	a.must(err)
	for rows.Next() {
		values, targets := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		a.must(rows.Scan(targets...))
		row := map[string]string{}
		for i, v := range values {
			row[columns[i]] = v.String
			if !v.Valid {
				row[columns[i]] = "NULL"
			}
		}
		into[table+"/"+values[0].String] = row
	}
	a.must(rows.Err())
}

// changes returns the changed cells as table/key/column, and the added and removed rows
// with + and -.
func changes(before, after dump) (all []string) {
	for key, row := range before {
		if after[key] == nil {
			all = append(all, "-"+key)
		}
		for column := range row {
			if after[key] != nil && after[key][column] != row[column] {
				all = append(all, key+"/"+column)
			}
		}
	}
	for key := range maps.Keys(after) {
		if before[key] == nil {
			all = append(all, "+"+key)
		}
	}
	slices.Sort(all)
	return all
}
