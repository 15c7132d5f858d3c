package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"

	"resetd/internal/config"
	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
)

// privileges compares the privileges of the database user with those that the statements
// need.
func (i *inspection) privileges(ctx context.Context) []finding {
	needs, err := i.db.Needs(ctx, i.Config.Accounts.Grants)
	switch {
	case i.facts.Product != "PostgreSQL":
		return []finding{ok("SQLite has no privileges: write access to the file permits everything")}
	case i.Config.Builtin:
		return []finding{ok("the user owns the tables of the built-in accounts")}
	case len(i.Config.Accounts.Grants) == 0:
		return []finding{skip("RESETD_ACCOUNTS declares no grants")}
	case err != nil:
		return []finding{skip("the privileges can't be read: " + err.Error())}
	}
	var found []finding
	for _, n := range needs {
		if !n.Granted {
			found = append(found, wrong(fmt.Sprintf("missing: GRANT %s ON %s.%s TO %s;", n, n.Schema, n.Relation, i.schema.User)))
		}
	}
	if len(found) == 0 {
		found = append(found, ok("the user has all privileges that the statements need; `resetd check --grants ROLE` prints the minimum"))
	}
	return found
}

// Grants returns an SQL script with the minimal privileges for a role that only resetd
// uses: to run the statements of the accounts and to own resetd's tables.
func Grants(ctx context.Context, cfg config.Config, role string) (string, error) {
	db, err := inspect.Open(cfg.DatabaseURL, cfg.Accounts)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	facts, err := db.Facts(ctx)
	if err != nil {
		return "", err
	}
	if facts.Product != "PostgreSQL" {
		return "", errors.New("SQLite has no privileges: who may write the file may do all")
	}
	needs, err := db.Needs(ctx, cfg.Accounts.Grants)
	if err != nil {
		return "", fmt.Errorf("privileges can't be told; use the application's user: %w", err)
	}
	if !cfg.Builtin && len(needs) == 0 { // the role makes built-in tables itself
		return "", errors.New("RESETD_ACCOUNTS declares no grants: add the key grants, or use the application's user")
	}
	home, err := db.Home(ctx, role)
	if err != nil {
		return "", err
	}
	return script(role, home, needs), nil
}

func script(role string, home sqldb.Home, needs []inspect.Need) string {
	who := pq.QuoteIdentifier(role)
	lines := []string{"-- The minimal privileges for resetd. Run this as a superuser or as the owner of these tables."}
	if !home.Role {
		lines = append(lines, "CREATE ROLE "+who+" LOGIN; -- then set its password: \\password "+who)
	}
	if home.Made {
		lines = append(lines, fmt.Sprintf("GRANT USAGE, CREATE ON SCHEMA %s TO %s;", home.Schema, who))
	} else {
		lines = append(lines, fmt.Sprintf("CREATE SCHEMA %s AUTHORIZATION %s;", home.Schema, who))
	}
	lines = append(lines, fmt.Sprintf("GRANT CONNECT ON DATABASE %s TO %s;", home.Database, who))
	var schemas []string
	for _, n := range needs {
		if n.Schema != home.Schema && !slices.Contains(schemas, n.Schema) {
			schemas = append(schemas, n.Schema)
			lines = append(lines, fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s;", n.Schema, who))
		}
	}
	for _, n := range needs {
		lines = append(lines, fmt.Sprintf("GRANT %s ON %s.%s TO %s;", n, n.Schema, n.Relation, who))
	}
	return strings.Join(lines, "\n") + "\n"
}
