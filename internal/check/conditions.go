package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"resetd/internal/store/inspect"
	"resetd/internal/words"
)

// condition is a column that decides who may sign in. If the statements do not use it,
// somebody is told to sign in with the new password, and is refused.
type condition struct {
	columns []string // without underscores, in small letters
	write   string   // %s is the column
	set     bool     // write belongs in set_password or after_reset, otherwise it is active
}

// knownConditions are columns of frameworks and what is often used.
var knownConditions = []condition{
	{[]string{"confirmedat", "activatedat", "approvedat"}, "%s IS NOT NULL", false},
	{[]string{"emailverifiedat", "emailconfirmedat", "verifiedat"}, "%s IS NOT NULL", false},
	{[]string{"deletedat", "discardedat", "disabledat", "deactivatedat", "suspendedat", "bannedat", "blockedat", "archivedat"}, "%s IS NULL", false},
	{[]string{"active", "isactive", "enabled", "isenabled", "approved", "isapproved", "confirmed", "isconfirmed", "verified", "isverified", "emailverified", "emailconfirmed", "isactivated", "activated"}, "%s", false},
	{[]string{"deleted", "isdeleted", "disabled", "isdisabled", "banned", "isbanned", "blocked", "isblocked", "suspended", "issuspended", "block"}, "NOT %s", false},
	{[]string{"banneduntil", "suspendeduntil"}, "(%[1]s IS NULL OR %[1]s < CURRENT_TIMESTAMP)", false},
	{[]string{"lockedat"}, "%s = NULL, unlock_token = NULL, failed_attempts = 0", true},
	{[]string{"lockoutend"}, `%s = NULL, "AccessFailedCount" = 0`, true},
	{[]string{"lockeduntil", "lockedtill", "lockexpiresat"}, "%s = NULL", true},
	{[]string{"failedattempts", "failedlogins", "failedloginattempts", "loginattempts"}, "%s = 0", true},
}

// conditions looks for columns that decide who may sign in, and that the statements do
// not use.
func (i *inspection) conditions(ctx context.Context) (found results) {
	switch {
	case i.Config.Builtin && i.behind:
		return notUpToDate
	case i.Config.Builtin:
		return ok("the column active decides who may sign in")
	case i.broken:
		return skip("the statements don't work, see above")
	}
	tables, err := i.users.db.AccountTables(ctx)
	if err != nil {
		return skip("the columns can't be read: %s", err)
	}
	found = i.inactive()
	for _, t := range tables {
		for _, c := range t.Unused {
			found = append(found, i.condition(t, c)...)
		}
	}
	return found.or(ok("the statements use all columns known to decide who may sign in"))
}

// inactive reports a column active that seems to mean the opposite.
func (i *inspection) inactive() results {
	n := 0
	for _, a := range i.sample {
		if !a.Active {
			n++
		}
	}
	const advice = "if active comes from a column that says who may not sign in, write NOT before it"
	switch all := len(i.sample); {
	case n > 1 && n == all: // one alone may be closed
		return wrong("of %s, none is active, so nobody gets a link; %s", counted(all), advice)
	case n > all/2:
		return note("of %s, %s; %s", counted(all), words.Count(n, "is not active and gets no link", "are not active and get no link"), advice)
	default:
		return nil
	}
}

func (i *inspection) condition(t inspect.Table, column string) results {
	plain := strings.ToLower(strings.ReplaceAll(column, "_", ""))
	for _, known := range knownConditions {
		if !slices.Contains(known.columns, plain) {
			continue
		}
		if strings.ToLower(column) != column {
			column = `"` + column + `"`
		}
		write := fmt.Sprintf(known.write, column)
		if known.set {
			return note("the table %s has the column %s: a locked account stays locked after a reset; write `%s` in set_password or after_reset", t.Name, column, write)
		}
		return note("the table %s has the column %s, which no statement uses: if it decides who may sign in, write `%s AS active` in find, get and sample, and join it to other conditions with AND", t.Name, column, write)
	}
	return nil
}
