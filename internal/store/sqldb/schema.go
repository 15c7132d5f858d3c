package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"resetd/migrations"
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

// Schema looks that up; it is zero on SQLite.
func (db DB) Schema(ctx context.Context) (sc Schema, err error) {
	if db.Dialect.HasSchemas {
		err = db.Get(ctx, &sc, schemaQuery)
	}
	return sc, err
}

// MakeSchema makes the schema that search_path names first where it is not
// there. Without it PostgreSQL would take the next one, among the tables of the
// application.
func (db DB) MakeSchema(ctx context.Context) error {
	sc, err := db.Schema(ctx)
	if err != nil || sc.Usable() || sc.Made || !sc.MayMake {
		return err
	}
	err = db.Run(ctx, `CREATE SCHEMA IF NOT EXISTS `+sc.Quoted)
	if errors.Is(err, ErrDuplicate) { // another instance was first
		return nil
	}
	return err
}

// RefuseSchema returns an error unless the schema can be used.
func (db DB) RefuseSchema(ctx context.Context) error {
	sc, err := db.Schema(ctx)
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
func (db DB) Home(ctx context.Context, role string) (h Home, err error) {
	err = db.Get(ctx, &h, `
		SELECT quote_ident(home) AS home, quote_ident(current_database()) AS database,
			EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = home) AS made,
			EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS role
		FROM (SELECT coalesce(nullif(nullif(first, '$user'), ''), $1) AS home FROM `+firstInPath+`) AS named`, role)
	return h, err
}

// SameSchema reports whether the tables of a set, which are there, were made by
// the schema files of this binary. Names are the database's tables.
func (db DB) SameSchema(ctx context.Context, of migrations.Set, names []string) (bool, error) {
	if !slices.Contains(names, "reset_schema") {
		return false, nil
	}
	var stored []struct {
		File   string `db:"file"`
		Digest string `db:"digest"`
	}
	if err := db.List(ctx, &stored, `SELECT file, digest FROM reset_schema`); err != nil {
		return false, err
	}
	made := map[string]string{}
	for _, f := range stored {
		made[f.File] = f.Digest
	}
	ours, err := of.Files(db.Dialect.Migrations)
	for _, f := range ours {
		if digest, there := made[f.Name]; there && digest != f.Digest {
			return false, err
		}
	}
	return err == nil && made[ours[0].Name] != "", err
}
