package inspect

import (
	"context"
	"fmt"
	"strings"
)

// refuseUnsafe returns a fault if the statements change a table without transactions:
// what a failed reset, or a check, has done to it would stay.
func (i *Inspector) refuseUnsafe(ctx context.Context) *Fault {
	if i.pool.Dialect.Unsafe == "" {
		return nil
	}
	for _, name := range i.namesIn("set_password", "after_reset") {
		var unsafe []string
		if err := i.pool.List(ctx, &unsafe, i.pool.Dialect.Unsafe, name); err != nil {
			return nil //nolint:nilerr // the statements report why
		}
		if plain := strings.ReplaceAll(name, "`", ""); len(unsafe) > 0 {
			return &Fault{
				Words:  fmt.Sprintf("the table %s has no transactions", plain),
				Advice: fmt.Sprintf("run ALTER TABLE `%s` ENGINE=InnoDB", strings.ReplaceAll(plain, ".", "`.`")),
			}
		}
	}
	return nil
}
