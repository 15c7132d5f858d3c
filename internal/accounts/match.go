package accounts

import (
	"cmp"
	"slices"

	"resetd/internal/reset"
)

// Match returns the found accounts whose stored address or name matches, ordered by id, at
// most reset.MaxAccounts. The database's comparison alone is not enough: it depends
// on the collation, and is reliable only for ASCII.
func Match(asked reset.Address, found []reset.Account) []reset.Account {
	matching := slices.DeleteFunc(found, func(a reset.Account) bool { return !asked.MatchesAccount(a) })
	slices.SortFunc(matching, func(a, b reset.Account) int { return cmp.Compare(a.ID, b.ID) })
	return matching[:min(len(matching), reset.MaxAccounts)]
}
