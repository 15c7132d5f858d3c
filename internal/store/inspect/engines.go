package inspect

import (
	"context"
	"fmt"
	"strings"
)

// refuseUnsafe returns a fault if a table of the accounts has no transactions: what a
// failed reset, or a check, has done to it would stay.
func (i *Inspector) refuseUnsafe(ctx context.Context) *Fault {
	if i.pool.Dialect.Unsafe == "" {
		return nil
	}
	var unsafe []string
	if err := i.pool.List(ctx, &unsafe, i.pool.Dialect.Unsafe); err != nil {
		return nil //nolint:nilerr // the statements report why
	}
	for _, table := range unsafe {
		for _, s := range i.accounts.Statements() {
			if strings.Contains(string(s.Statement), table) {
				return &Fault{Words: fmt.Sprintf("the table %s has no transactions", table), Advice: fmt.Sprintf("run ALTER TABLE `%s` ENGINE=InnoDB", table)}
			}
		}
	}
	return nil
}
