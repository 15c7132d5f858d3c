package accounts

import (
	"cmp"
	"slices"

	"resetd/internal/reset"
)

// Match keeps the accounts whose stored address is the one asked for, ordered by
// id, at most reset.MaxAccounts. A database's own idea of equal addresses
// depends on its collation and is not to be trusted beyond ASCII.
func Match(asked reset.Address, found []reset.Account) []reset.Account {
	matching := slices.DeleteFunc(found, func(a reset.Account) bool { return !asked.Matches(a.Email) })
	slices.SortFunc(matching, func(a, b reset.Account) int { return cmp.Compare(a.ID, b.ID) })
	return matching[:min(len(matching), reset.MaxAccounts)]
}
