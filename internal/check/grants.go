package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/lib/pq"

	"resetd/internal/config"
	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
)

// privileges compares the privileges of the database user with those that the statements
// need.
func (i *inspection) privileges(ctx context.Context) (found results) {
	return append(i.missing(ctx), i.hiddenRows(ctx)...)
}

// hiddenRows reports row-level security: without a policy for the user, the accounts
// are invisible, and statements that change none return no error.
func (i *inspection) hiddenRows(ctx context.Context) (found results) {
	hidden, err := i.users.db.RowSecurity(ctx)
	if err != nil {
		return skip("row-level security can't be read: %s", err)
	}
	for _, table := range hidden {
		if len(i.sample) == 0 && i.Config.Accounts.Sample != "" {
			found = append(found, wrong("row-level security is on for the table %s, and the user sees no accounts in it; %s", table, policyAdvice)...)
			continue
		}
		found = append(found, note("row-level security is on for the table %s: resetd sees and changes only the accounts that the policies for its user allow; %s", table, policyAdvice)...)
	}
	return found
}

const policyAdvice = "for all accounts, give the user a policy: CREATE POLICY resetd ON the table TO the user USING (true) WITH CHECK (true); or the attribute BYPASSRLS"

func (i *inspection) missing(ctx context.Context) (found results) {
	needs, err := i.users.db.Needs(ctx, i.Config.Accounts.Grants)
	switch {
	case i.broken && i.users.facts.MySQL():
		return skip("the statements don't work, see above")
	case i.users.facts.MySQL():
		return ok("the statements, which were tried, need no others; `resetd check --grants USER` prints the minimum")
	case i.users.facts.Product != "PostgreSQL":
		return ok("SQLite has no privileges: write access to the file permits everything")
	case i.Config.Builtin && i.behind:
		return notUpToDate
	case i.Config.Builtin:
		return ok("the user owns the tables of the built-in accounts")
	case len(i.Config.Accounts.Grants) == 0:
		return skip("RESETD_ACCOUNTS declares no grants")
	case err != nil:
		return skip("the privileges can't be read: %s", err)
	}
	for _, n := range needs {
		if !n.Granted {
			found = append(found, wrong("missing: %s", n.To(i.users.schema.User))...)
		}
	}
	return found.or(ok("the user has all privileges that the statements need; `resetd check --grants ROLE` prints the minimum"))
}

// Grants returns an SQL script with the minimal privileges for a role that only resetd
// uses: to run the statements of the accounts and to own resetd's tables, if they are in
// the same database.
func Grants(ctx context.Context, cfg config.Config, role string) (string, error) {
	db, err := openHolder(cfg)
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	facts, err := db.Facts(ctx)
	switch {
	case err != nil:
		return "", err
	case facts.MySQL() && len(cfg.Accounts.Grants) == 0:
		return "", errNoGrants
	case facts.MySQL():
		return mysqlScript(role, facts.Schema.String, cfg.Accounts.Grants), nil
	case facts.Product != "PostgreSQL":
		return "", errors.New("SQLite has no privileges: who may write the file may do all")
	}
	needs, err := db.Needs(ctx, cfg.Accounts.Grants)
	if err != nil {
		return "", fmt.Errorf("the privileges can't be read; use the application's user: %w", err)
	}
	if !cfg.Builtin && len(needs) == 0 { // the role makes built-in tables itself
		return "", errNoGrants
	}
	home, err := db.Home(ctx, role)
	if err != nil {
		return "", err
	}
	return script(pq.QuoteIdentifier(role), home, needs, cfg.AccountsURL == ""), nil
}

var errNoGrants = errors.New("RESETD_ACCOUNTS declares no grants: add the key grants, or use the application's user")

// openHolder opens the database of the accounts.
func openHolder(cfg config.Config) (*inspect.Inspector, error) {
	if cfg.AccountsURL != "" {
		return inspect.OpenAccounts(cfg.AccountsURL, cfg.Accounts)
	}
	return inspect.Open(cfg.DatabaseURL, cfg.Accounts)
}

// script grants what a role needs. The role's name is quoted. own means that resetd's
// tables are in the same database.
func script(role string, home sqldb.Home, needs []inspect.Need, own bool) string {
	var text strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&text, format+"\n", args...) }
	line("-- The minimal privileges for resetd. Run this as a superuser or as the owner of these tables.")
	if !home.Role {
		line(`CREATE ROLE %s LOGIN; -- then set its password: \password %s`, role, role)
	}
	switch {
	case !own:
	case home.Made:
		line("GRANT USAGE, CREATE ON SCHEMA %s TO %s;", home.Schema, role)
	default:
		line("CREATE SCHEMA %s AUTHORIZATION %s;", home.Schema, role)
	}
	line("GRANT CONNECT ON DATABASE %s TO %s;", home.Database, role)
	usable := map[string]bool{home.Schema: own}
	for _, n := range needs {
		if !usable[n.Schema] {
			line("GRANT USAGE ON SCHEMA %s TO %s;", n.Schema, role)
		}
		usable[n.Schema] = true
	}
	for _, n := range needs {
		line("%s", n.To(role))
	}
	return text.String()
}
