//go:build integrations

package integrations

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
)

// dump is the application's data in a database: the cells of each row, by its table and
// its first column.
type dump map[string]map[string]string

// The queries for the application's tables and their structure. On SQLite resetd's
// tables are in the same database and are excluded by their names.
var dumped = map[string]struct{ schema, tables, structure string }{
	"sqlite": {
		"main",
		`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'reset\_%' ESCAPE '\' AND name <> 'password_resets' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
		`SELECT name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'reset\_%' ESCAPE '\' AND tbl_name <> 'password_resets' AND tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'`,
	},
	"postgres": {
		"public",
		`SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`,
		`SELECT table_name || '.' || column_name, data_type, character_maximum_length, column_default, is_nullable FROM information_schema.columns WHERE table_schema = 'public'
			UNION ALL SELECT indexname, indexdef, NULL, NULL, NULL FROM pg_indexes WHERE schemaname = 'public'
			UNION ALL SELECT sequencename, last_value::text, NULL, NULL, NULL FROM pg_sequences WHERE schemaname = 'public'`,
	},
}

func (a *application) dump() dump {
	a.Helper()
	db, err := sql.Open(a.db.Name, strings.TrimPrefix(a.db.URL, "sqlite:"))
	a.must(err)
	defer func() { _ = db.Close() }()
	what, all, tables := dumped[a.db.Name], dump{}, dump{}
	a.read(db, all, "structure", what.structure)
	a.read(db, tables, "", what.tables)
	for table := range tables {
		name := strings.TrimPrefix(table, "/")
		a.read(db, all, name, `SELECT * FROM `+what.schema+`."`+name+`"`)
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
