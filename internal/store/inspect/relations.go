package inspect

import (
	"context"
	"slices"
	"strings"

	"resetd/internal/sqltext"
	"resetd/internal/store/directory"
)

// Table is a table with accounts.
type Table struct {
	Name   string   // as the statements write it
	Unused []string // columns that no statement names
}

// AccountTables returns the tables that get reads and set_password changes.
func (i *Inspector) AccountTables(ctx context.Context) (tables []Table, err error) {
	all := i.accounts.Statements()
	for _, name := range i.namesIn("get", "set_password") {
		var columns []string
		if err := i.pool.List(ctx, &columns, i.pool.Dialect.Columns, name); err != nil {
			return nil, explainRead(err)
		}
		used := func(column string) bool {
			return slices.ContainsFunc(all, func(s directory.Named) bool { return s.Name != "sample" && i.mentions(s, column) })
		}
		if len(columns) > 0 {
			tables = append(tables, Table{name, slices.DeleteFunc(columns, used)})
		}
	}
	return tables, nil
}

// RowSecurity returns the tables of the statements on which row-level security hides
// rows from the current user.
func (i *Inspector) RowSecurity(ctx context.Context) (hidden []string, err error) {
	if !i.pool.Dialect.HasSchemas {
		return nil, nil
	}
	for _, name := range i.namesIn("get", "set_password", "find", "sample", "after_reset") {
		var active []bool
		err := i.pool.List(ctx, &active, `SELECT coalesce(row_security_active(CAST(to_regclass($1) AS oid)), false)`, name)
		if err != nil {
			return nil, explainRead(err)
		}
		if slices.Contains(active, true) {
			hidden = append(hidden, name)
		}
	}
	return hidden, nil
}

// namesIn returns the tables that statements of these kinds name after FROM, JOIN,
// UPDATE, INTO and USING.
func (i *Inspector) namesIn(kinds ...string) (names []string) {
	for _, s := range i.accounts.Statements() {
		if kind, _, _ := strings.Cut(s.Name, ","); !slices.Contains(kinds, kind) {
			continue
		}
		for _, name := range tablesOf(i.pool.Dialect.Syntax.Parts(string(s.Statement))) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func tablesOf(parts []sqltext.Part) (names []string) {
	for n, p := range parts {
		if p.Kind == sqltext.Name && slices.Contains([]string{"from", "join", "update", "into", "using"}, strings.ToLower(p.Text)) {
			names = append(names, list(parts[n+1:])...)
		}
	}
	return names
}

// list returns the tables of a list such as: a, app.b AS x, c y. No more than two words
// follow a table before the comma, so the columns of ORDER BY are not taken for tables.
func list(parts []sqltext.Part) (names []string) {
	name, words := "", 0
words:
	for _, p := range parts {
		text := strings.TrimSpace(p.Text)
		switch {
		case p.Kind == sqltext.Name && (name == "" || strings.HasSuffix(name, ".")), text == "." && words == 0:
			name += text
		case p.Kind == sqltext.Name:
			words++
		case text == "," && name != "" && words <= 2:
			names, name, words = append(names, name), "", 0
		case text != "":
			break words
		}
	}
	if name == "" {
		return names
	}
	return append(names, name)
}

// mentions reports whether a statement names a column.
func (i *Inspector) mentions(s directory.Named, column string) bool {
	return slices.ContainsFunc(i.pool.Dialect.Syntax.Parts(string(s.Statement)), func(p sqltext.Part) bool {
		return p.Kind == sqltext.Name && strings.EqualFold(strings.Trim(p.Text, "\"`[]"), column)
	})
}
