package inspect

import (
	"context"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"resetd/internal/accounts"
)

// Need is a privilege that the statements of the accounts need, and whether the
// current user has it.
type Need struct {
	accounts.Grant
	Schema, Relation string // of the table, quoted for SQL
	Granted          bool
}

// To returns the statement that grants the privilege to a role, whose name is quoted.
func (n Need) To(role string) string {
	return fmt.Sprintf("GRANT %s ON %s.%s TO %s;", n.Grant, n.Schema, n.Relation, role)
}

// Needs looks up the grants that the directory declares. SQLite has no grants.
func (i *Inspector) Needs(ctx context.Context, grants []accounts.Grant) (needs []Need, err error) {
	if !i.pool.Dialect.HasSchemas {
		return nil, nil
	}
	for _, g := range grants {
		n, err := i.need(ctx, g)
		if err != nil {
			return nil, explainRead(err)
		}
		needs = append(needs, n)
	}
	return needs, nil
}

func (i *Inspector) need(ctx context.Context, g accounts.Grant) (Need, error) {
	columns := make([]string, len(g.Columns))
	for i, c := range g.Columns {
		columns[i] = strings.Trim(c, `"`)
	}
	var found []struct {
		Schema   string `db:"schema"`
		Relation string `db:"relation"`
		Whole    bool   `db:"whole"`
		Columns  int    `db:"columns"` // how many of the columns the user may use
	}
	err := i.pool.List(ctx, &found, `
		SELECT quote_ident(n.nspname) AS schema, quote_ident(c.relname) AS relation, has_table_privilege(c.oid, $2) AS whole,
			(SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = ANY ($3) AND $2 <> 'DELETE'
				AND has_column_privilege(c.oid, a.attnum, CASE WHEN $2 = 'DELETE' THEN 'SELECT' ELSE $2 END)) AS columns
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)`,
		g.Table, g.Privilege, pq.Array(columns))
	if err == nil && len(found) == 0 {
		err = &Fault{Words: fmt.Sprintf("there is no table %s", g.Table)}
	}
	if err != nil {
		return Need{}, err
	}
	t := found[0]
	return Need{g, t.Schema, t.Relation, t.Whole || len(columns) > 0 && t.Columns == len(columns)}, nil
}
