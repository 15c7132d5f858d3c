package store

import (
	"context"
	"errors"
	"fmt"
)

// Schema is where resetd's tables stand on PostgreSQL: in the schema that
// search_path names first.
type Schema struct {
	First   string `db:"first"`   // as search_path has it; $user where that goes by the user's name
	Quoted  string `db:"quoted"`  // as SQL writes it
	Present string `db:"present"` // where tables would be made now; empty: nowhere
	Made    bool   `db:"made"`    // First is there
	User    string `db:"account"` // as SQL writes it
	MayMake bool   `db:"may_make"`
}

// firstInPath is that name. What stands without quotes is folded, as in SQL.
const firstInPath = `(SELECT CASE WHEN part LIKE '"%' THEN btrim(part, '"') ELSE lower(part) END AS first
		FROM (SELECT btrim(split_part(current_setting('search_path'), ',', 1)) AS part) AS parts) AS path`

const schemaQuery = `
	SELECT first, quote_ident(first) AS quoted, coalesce(CAST(current_schema() AS text), '') AS present,
		EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = first) AS made, quote_ident(current_user) AS account,
		has_database_privilege(current_database(), 'CREATE') AS may_make
	FROM ` + firstInPath

// Usable tells whether tables would be made in the schema that is named first.
// The one of the user's name is left out where it is not there: that is
// PostgreSQL's default, and means public.
func (s Schema) Usable() bool {
	return s.First == "" || s.First == "$user" || s.First == s.Present
}

// Line is what makes it usable, by somebody who may.
func (s Schema) Line() string {
	if s.Made {
		return fmt.Sprintf("GRANT USAGE, CREATE ON SCHEMA %s TO %s;", s.Quoted, s.User)
	}
	return fmt.Sprintf("CREATE SCHEMA %s AUTHORIZATION %s;", s.Quoted, s.User)
}

func (s *Store) schema(ctx context.Context) (sc Schema, err error) {
	if s.dialect == &onPostgres {
		err = s.get(ctx, &sc, schemaQuery)
	}
	return sc, err
}

// makeSchema makes the schema that search_path names first where it is not
// there. Without it PostgreSQL would take the next one, among the tables of the
// application.
func (s *Store) makeSchema(ctx context.Context) error {
	sc, err := s.schema(ctx)
	if err != nil || sc.Usable() || sc.Made || !sc.MayMake {
		return err
	}
	err = s.run(ctx, `CREATE SCHEMA IF NOT EXISTS `+sc.Quoted)
	if errors.Is(err, ErrDuplicate) { // another instance was first
		return nil
	}
	return err
}

func (s *Store) refuseSchema(ctx context.Context) error {
	sc, err := s.schema(ctx)
	if err != nil || sc.Usable() {
		return err
	}
	if !sc.Made && sc.MayMake {
		return fmt.Errorf("there is no schema %s, which search_path names first: run `resetd migrate up`", sc.Quoted)
	}
	return fmt.Errorf("the schema %s, which search_path names first, can't be used: have the database's owner run %s", sc.Quoted, sc.Line())
}

// Home is where a role of resetd's own would have its tables.
type Home struct {
	Schema   string `db:"home"` // as SQL writes it
	Database string `db:"database"`
	Made     bool   `db:"made"`
	Role     bool   `db:"role"` // is there
}

// Home looks that up: the schema that search_path names first or, where that
// names none, one of the role's name, which PostgreSQL then takes by itself.
func (i *Inspector) Home(ctx context.Context, role string) (h Home, err error) {
	err = i.s.get(ctx, &h, `
		SELECT quote_ident(home) AS home, quote_ident(current_database()) AS database,
			EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = home) AS made,
			EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS role
		FROM (SELECT coalesce(nullif(nullif(first, '$user'), ''), $1) AS home FROM `+firstInPath+`) AS named`, role)
	return h, explainRead(err)
}
