package accounts

import (
	"cmp"
	"slices"

	"resetd/internal/reset"
)

// Match returns the found accounts whose stored address or name matches, at most
// reset.MaxAccounts: active ones first, so that closed accounts take no place of theirs,
// and then by id. An account that several of its addresses match is returned once, with
// the address as typed if it has that one. The database's comparison alone is not enough:
// it depends on the collation, and is reliable only for ASCII.
func Match(asked reset.Address, found []reset.Account) []reset.Account {
	matching := slices.DeleteFunc(found, func(a reset.Account) bool { return !asked.MatchesAccount(a) })
	slices.SortFunc(matching, func(a, b reset.Account) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(behind(a.Email != asked.Typed), behind(b.Email != asked.Typed)), cmp.Compare(a.Email, b.Email))
	})
	matching = slices.CompactFunc(matching, func(a, b reset.Account) bool { return a.ID == b.ID })
	slices.SortStableFunc(matching, func(a, b reset.Account) int { return cmp.Compare(behind(!a.Active), behind(!b.Active)) })
	return matching[:min(len(matching), reset.MaxAccounts)]
}

// behind is 1 for an account that comes behind the others, so that it sorts.
func behind(is bool) int {
	if is {
		return 1
	}
	return 0
}
