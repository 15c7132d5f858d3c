package check

import (
	"context"
	"fmt"
)

// accounts tries the statements. Each is one of somebody else's making, so the
// line says which it is and what the database thinks of it.
func (i *inspection) accounts(ctx context.Context) (found []finding) {
	if i.Config.Builtin && i.behind {
		i.broken = true
		return []finding{skip("the tables are not up to date")}
	}
	for _, f := range i.db.Statements(ctx, i.Now()) {
		found = append(found, wrong(failed(f)))
	}
	i.broken = len(found) > 0
	if len(found) == 0 {
		found = append(found, ok(i.tried()))
	}
	if !i.Config.Accounts.EndsSessions {
		found = append(found, note("ends_sessions is not true: whoever was signed in may stay so after a reset, and is not told otherwise"))
	}
	return found
}

func (i *inspection) tried() string {
	const fixed = "find, get, set_password"
	switch n := len(i.Config.Accounts.AfterReset); n {
	case 0:
		return fixed + " work"
	case 1:
		return fixed + " and after_reset work"
	default:
		return fmt.Sprintf("%s and %d of after_reset work", fixed, n)
	}
}
