package check

import (
	"context"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// Credentials are the address of an account and its password.
type Credentials struct{ Address, Password string }

// Format prints neither of them, with any verb.
func (Credentials) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("[credentials]")) }

// verify checks that a known password matches the stored hash. This shows whether the
// hashing settings agree with the application's.
func (i *inspection) verify(ctx context.Context) (all results) {
	address, err := reset.ParseAddress(i.Verify.Address)
	if err != nil {
		return wrong("the first line of standard input is not an email address")
	}
	found, err := i.users.db.Find(ctx, address)
	if err != nil {
		return wrong("find: %s", err)
	}
	if len(found) == 0 {
		return wrong("find finds no account with this address")
	}
	hasher, err := password.NewHasher(i.Config.Hashing)
	if err != nil {
		return skip(invalidHashing)
	}
	for n, a := range found {
		which := "the account"
		if len(found) > 1 {
			which = fmt.Sprintf("account %d of %d with this address", n+1, len(found))
		}
		all = append(all, i.verifyAccount(ctx, hasher, a, which)...)
	}
	return all
}

func (i *inspection) verifyAccount(ctx context.Context, hasher *password.Hasher, a reset.Account, which string) results {
	name := i.scheme().Describe(a.PasswordHash)
	if name == "" {
		return wrong("%s has no hash that resetd can read; check the column password_hash of find", which)
	}
	matches, err := hasher.Verify(ctx, password.ForReset, a.PasswordHash, i.Verify.Password)
	switch {
	case err != nil:
		return failed(err)
	case !matches:
		return wrong("the hash of %s is %s, and this password does not match; if the password is right, check prepare, pepper and RESETD_PEPPER", which, name)
	}
	found := ok("the hash of %s is %s, and this password matches", which, name)
	if writes := i.scheme().Writes(a.PasswordHash); writes != name {
		found = append(found, note("a new hash would be %s; %s", writes, i.setHash(name))...)
	}
	if !a.Active {
		found = append(found, note("%s is not active and gets no link", which)...)
	}
	faults := i.try(ctx, a, which)
	return append(found, faults.or(ok("the reset of %s changed exactly one row and was rolled back", which))...)
}
