package check

import (
	"context"
	"strings"

	"resetd/internal/reset"
	"resetd/internal/store/inspect"
	"resetd/internal/store/sqldb"
	"resetd/internal/words"
)

// inspection runs the checks. Later checks use the results of earlier ones.
type inspection struct {
	Input
	connection
	users   connection      // of the accounts
	invalid map[string]bool // variables with invalid values
	behind  bool            // migrations are pending
	noKeys  bool            // the table of keys is missing or not ours
	broken  bool            // a statement of the accounts failed
	sample  []reset.Account // some accounts, may be empty
}

// connection is an open database.
type connection struct {
	db     *inspect.Inspector // nil if the database can't be opened
	facts  inspect.Facts
	noDB   string // the reason why db is nil
	schema sqldb.Schema
}

func (i *inspection) run(ctx context.Context, c check) results {
	for _, variable := range c.needs {
		if i.invalid[variable] {
			return skip("%s is invalid, see above", variable)
		}
	}
	switch {
	case c.database == record && i.db == nil:
		return skip("%s", i.noDB)
	case c.database == holder && i.users.db == nil:
		return skip("%s", i.users.noDB)
	case c.database == holder && i.Config.AccountsURL != "":
		return ofAccounts(c.look(i, ctx))
	default:
		return c.look(i, ctx)
	}
}

func (i *inspection) close() {
	if i.users.db != nil && i.users.db != i.db {
		_ = i.users.db.Close()
	}
	if i.db != nil {
		_ = i.db.Close()
	}
}

// settings reports each invalid setting.
func (i *inspection) settings(context.Context) (found results) {
	for _, err := range flatten(i.Problems) {
		found = append(found, failed(err)...)
	}
	for _, file := range append([]string{i.File}, i.Secrets...) {
		found = append(found, judgeKeyFile(file)...)
	}
	return found.or(ok("all settings are valid"))
}

// invalidVariables returns the names of the invalid variables. Each error begins with the
// names of its variables and a colon.
func invalidVariables(problems error) map[string]bool {
	variables := map[string]bool{}
	for _, err := range flatten(problems) {
		names, _, _ := strings.Cut(err.Error(), ":")
		for name := range strings.SplitSeq(names, ", ") {
			variables[strings.TrimSuffix(name, "_FILE")] = true
		}
	}
	return variables
}

// templates renders all pages and emails. resetd does not start with a broken template.
func (i *inspection) templates(context.Context) results {
	if err := i.Templates(); err != nil {
		return failed(err)
	}
	missing, err := words.Missing(i.Config.Templates)
	switch {
	case err != nil:
		return failed(err)
	case len(missing) > 0:
		return note("all pages and emails can be rendered; texts that your file lacks are the built-in ones: %s", strings.Join(missing, ", "))
	}
	return ok("all pages and emails can be rendered")
}
