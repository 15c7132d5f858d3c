package reset

import "slices"

// Same returns the found accounts that have this very address. FindAccounts also finds
// those whose address is only written alike, such as ss for ß, or fi for the ligature ﬁ:
// people type them so, but they may be the mailbox of somebody else.
func (a Address) Same(found []Account) []Account {
	return slices.DeleteFunc(slices.Clone(found), func(f Account) bool { return Normal(f.Email) != a.Normal })
}

// Only returns the account that somebody means by an address: the one that has this very
// address or, if none has it, the only one that was found. Otherwise it is ambiguous, and
// Only returns the zero Account.
func (a Address) Only(found []Account) Account {
	if same := a.Same(found); len(same) > 0 {
		found = same
	}
	if len(found) != 1 {
		return Account{}
	}
	return found[0]
}

// Normal returns the form of a stored address for the record. It accepts any text.
func Normal(stored string) string {
	a, err := ParseAddress(stored)
	if err != nil {
		return Canonical(stored)
	}
	return a.Normal
}
