package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"resetd/migrations"
)

// Schema is the schema of resetd's tables on PostgreSQL: the first one in
// search_path.
type Schema struct {
	First   string `db:"first"`   // as in search_path; may be $user
	Quoted  string `db:"quoted"`  // First, quoted for SQL
	Present string `db:"present"` // the current schema, where tables would be created; empty if there is none
	Made    bool   `db:"made"`    // First exists
	MayUse  bool   `db:"may_use"` // First exists, and the user has the privilege USAGE
	User    string `db:"account"` // quoted for SQL
	MayMake bool   `db:"may_make"`
}

// firstInPath selects the first name in search_path. A name without quotes is
// folded, as in SQL.
const firstInPath = `(SELECT CASE WHEN part LIKE '"%' THEN btrim(part, '"') ELSE lower(part) END AS first
		FROM (SELECT btrim(split_part(current_setting('search_path'), ',', 1)) AS part) AS parts) AS path`

const schemaQuery = `
	SELECT first, quote_ident(first) AS quoted, coalesce(CAST(current_schema() AS text), '') AS present,
		EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = first) AS made,
		EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = first AND has_schema_privilege(oid, 'USAGE')) AS may_use,
		quote_ident(current_user) AS account, has_database_privilege(current_database(), 'CREATE') AS may_make
	FROM ` + firstInPath

// Usable reports whether tables would be created in the first schema of the
// search_path. A missing schema $user counts as usable: that is PostgreSQL's
// default, where tables go to public.
func (s Schema) Usable() bool {
	return s.First == "" || s.First == "$user" || s.First == s.Present
}

// Line returns the statement that makes the schema usable, for a user with the
// privilege to run it.
func (s Schema) Line() string {
	if s.Made {
		return fmt.Sprintf("GRANT USAGE, CREATE ON SCHEMA %s TO %s;", s.Quoted, s.User)
	}
	return fmt.Sprintf("CREATE SCHEMA %s AUTHORIZATION %s;", s.Quoted, s.User)
}

// RefuseSchema looks this often, for two seconds.
const (
	mostLooks  = 100
	looksEvery = 20 * time.Millisecond
)

// Schema looks up the schema of resetd's tables. It is zero on SQLite.
func (db DB) Schema(ctx context.Context) (sc Schema, err error) {
	if db.Dialect.HasSchemas {
		err = db.Get(ctx, &sc, schemaQuery)
	}
	return sc, err
}

// MakeSchema creates the first schema of the search_path if it does not exist.
// Otherwise PostgreSQL would create the tables in the next schema, among the
// application's tables.
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
	// PostgreSQL caches the search_path. After another instance has created the schema,
	// the cache may be old for a moment.
	for looks := 0; err == nil && sc.MayUse && !sc.Usable() && looks < mostLooks; looks++ {
		time.Sleep(looksEvery)
		sc, err = db.Schema(ctx)
	}
	if err != nil || sc.Usable() {
		return err
	}
	if !sc.Made && sc.MayMake {
		return fmt.Errorf("there is no schema %s, which search_path names first: run `resetd migrate up`", sc.Quoted)
	}
	return fmt.Errorf("the schema %s, which search_path names first, can't be used: have the database's owner run %s", sc.Quoted, sc.Line())
}

// Home is the schema that the tables of a separate role for resetd would be in.
type Home struct {
	Schema   string `db:"home"` // quoted for SQL
	Database string `db:"database"`
	Made     bool   `db:"made"` // the schema exists
	Role     bool   `db:"role"` // the role exists
}

// Home returns the first schema of the search_path or, if the search_path names no
// schema, the schema with the role's name, which PostgreSQL uses by default.
func (db DB) Home(ctx context.Context, role string) (h Home, err error) {
	err = db.Get(ctx, &h, `
		SELECT quote_ident(home) AS home, quote_ident(current_database()) AS database,
			EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = home) AS made,
			EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $1) AS role
		FROM (SELECT coalesce(nullif(nullif(first, '$user'), ''), $1) AS home FROM `+firstInPath+`) AS named`, role)
	return h, err
}

// SameKeys reports whether the database was last used with one of these keys, or
// never.
func (db DB) SameKeys(ctx context.Context, fingerprints []string) (bool, error) {
	last, err := db.LastKey(ctx)
	return last == "" || slices.Contains(fingerprints, last), err
}

// LastKey returns the fingerprint of the key that the database was last used with; empty
// if it was never used.
func (db DB) LastKey(ctx context.Context) (string, error) {
	var last string
	err := db.First(ctx, &last, `SELECT fingerprint FROM reset_keys ORDER BY used_at DESC, fingerprint LIMIT 1`)
	return last, err
}

// SameSchema reports whether the schema files of this binary made the existing
// tables of a set. names are the database's tables.
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
		if digest, ok := made[f.Name]; ok && digest != f.Digest {
			return false, err
		}
	}
	return err == nil && made[ours[0].Name] != "", err
}
