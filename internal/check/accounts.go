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
	if len(i.Config.Accounts.AfterReset) == 0 {
		found = append(found, note("after_reset is empty: whoever was signed in stays so after a reset, unless the application sees to that"))
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
