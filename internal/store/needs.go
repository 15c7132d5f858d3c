package store

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"resetd/internal/accounts"
)

// Need is a privilege on a table that the statements of the accounts need.
type Need struct {
	Schema, Table string // as SQL writes them
	Privilege     string
	Columns       []string // likewise; none: the whole table
	Granted       bool     // the present user has it
}

// String is what GRANT and ON stand around.
func (n Need) String() string {
	if len(n.Columns) == 0 {
		return n.Privilege
	}
	return n.Privilege + " (" + strings.Join(n.Columns, ", ") + ")"
}

// privileges are PostgreSQL's, with their bits (nodes/parsenodes.h, ACL_*) and
// the list of columns that each has in what required matches.
var privileges = []struct {
	name    string
	bit     int
	columns int
}{{"SELECT", 1 << 1, 3}, {"INSERT", 1 << 0, 4}, {"UPDATE", 1 << 2, 5}, {"DELETE", 1 << 3, 0}}

// required is what PostgreSQL looks up for each table of a parsed statement
// before it runs it. 14 and 15 keep it in the range table, later ones beside it.
var required = regexp.MustCompile(`:relid (\d+) [^{}]*?:requiredPerms (\d+) :checkAsUser \d+ :selectedCols \(b([ \d]*)\) :insertedCols \(b([ \d]*)\) :updatedCols \(b([ \d]*)\)`)

// firstColumn is where a table's first column stands in those lists (below are
// system columns and, just below, the whole row; access/sysattr.h).
const firstColumn = 8

// wanted are columns by table and privilege; the column 0 is the whole table.
type wanted map[[2]int]map[int]bool

// Needs returns the privileges that the statements need, in PostgreSQL's own
// judgement: it parses each and says what it will look up. That takes no
// privilege but USAGE on the schemas. SQLite has none.
func (i *Inspector) Needs(ctx context.Context) (needs []Need, err error) {
	if i.s.dialect != &onPostgres {
		return nil, nil
	}
	all := wanted{}
	for _, named := range i.s.directory.statements() {
		err := i.rolledBack(ctx, func(q queries) error { return q.collect(ctx, named.statement, all) })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", named.name, explain(err))
		}
	}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	for _, key := range keys {
		n, err := i.name(ctx, key, slices.Sorted(maps.Keys(all[key])))
		if err != nil {
			return nil, explain(err)
		}
		needs = append(needs, n)
	}
	return needs, nil
}

// collect makes the statement the body of a function, which is kept as parsed,
// and reads it there.
func (q queries) collect(ctx context.Context, s accounts.Statement, into wanted) error {
	text, _ := s.Bind(time.Time{}, "", "", "")
	text = strings.TrimRight(text, "; \n\t")
	types, err := q.parameterTypes(ctx, text)
	if err != nil {
		return err
	}
	create := `CREATE FUNCTION pg_temp.resetd_check(` + types + `) RETURNS void LANGUAGE sql BEGIN ATOMIC ` + text + "\n; END"
	if _, err := q.db.ExecContext(ctx, create); err != nil {
		return err
	}
	var body string
	err = q.db.QueryRowxContext(ctx, `SELECT CAST(prosqlbody AS text) FROM pg_proc WHERE pronamespace = pg_my_temp_schema() AND proname = 'resetd_check'`).Scan(&body)
	into.read(body)
	return err
}

// parameterTypes are those that PostgreSQL gives the parameters, as it does when
// the statement runs.
func (q queries) parameterTypes(ctx context.Context, text string) (types string, err error) {
	if _, err := q.db.ExecContext(ctx, `PREPARE resetd_check AS `+text); err != nil {
		return "", err
	}
	err = q.db.QueryRowxContext(ctx, `SELECT coalesce(array_to_string(parameter_types, ', '), '') FROM pg_prepared_statements WHERE name = 'resetd_check'`).Scan(&types)
	if err != nil {
		return "", err
	}
	_, err = q.db.ExecContext(ctx, `DEALLOCATE resetd_check`) // which no rollback does
	return types, err
}

func (w wanted) read(body string) {
	for _, found := range required.FindAllStringSubmatch(body, -1) {
		table, _ := strconv.Atoi(found[1])
		bits, _ := strconv.Atoi(found[2])
		for n, p := range privileges {
			if bits&p.bit == 0 {
				continue
			}
			columns := []string{}
			if p.columns > 0 {
				columns = strings.Fields(found[p.columns])
			}
			w.add([2]int{table, n}, columns)
		}
	}
}

func (w wanted) add(key [2]int, columns []string) {
	if w[key] == nil {
		w[key] = map[int]bool{}
	}
	if len(columns) == 0 {
		w[key][0] = true
	}
	for _, c := range columns {
		n, _ := strconv.Atoi(c)
		w[key][max(n-firstColumn+1, 0)] = true
	}
}

// name looks up what the numbers stand for.
func (i *Inspector) name(ctx context.Context, key [2]int, columns []int) (n Need, err error) {
	n.Privilege = privileges[key[1]].name
	row := i.s.pool.QueryRowxContext(ctx, `
		SELECT quote_ident(n.nspname), quote_ident(c.relname), has_table_privilege(c.oid, $2)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1`, key[0], n.Privilege)
	if err := row.Scan(&n.Schema, &n.Table, &n.Granted); err != nil || columns[0] == 0 {
		return n, err
	}
	err = i.s.pool.SelectContext(ctx, &n.Columns,
		`SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = $1 AND attnum = ANY ($2) ORDER BY attnum`, key[0], pq.Array(columns))
	if err != nil || n.Granted {
		return n, err
	}
	err = i.s.pool.GetContext(ctx, &n.Granted,
		`SELECT bool_and(has_column_privilege(attrelid, attnum, $3)) FROM pg_attribute WHERE attrelid = $1 AND attnum = ANY ($2)`,
		key[0], pq.Array(columns), n.Privilege)
	return n, err
}
