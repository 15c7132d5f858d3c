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
func (i *inspection) verify(ctx context.Context) []finding {
	address, err := reset.ParseAddress(i.Verify.Address)
	if err != nil {
		return []finding{wrong("the first line of standard input is not an email address")}
	}
	found, err := i.db.Find(ctx, address)
	if err != nil {
		return []finding{wrong("find: " + err.Error())}
	}
	if len(found) == 0 {
		return []finding{wrong("find finds no account with this address")}
	}
	hasher, err := password.NewHasher(i.Config.Hashing)
	if err != nil {
		return []finding{skip("the hashing settings are invalid, see above")}
	}
	var all []finding
	for n, a := range found {
		which := "the account"
		if len(found) > 1 {
			which = fmt.Sprintf("account %d of %d with this address", n+1, len(found))
		}
		all = append(all, i.verifyAccount(ctx, hasher, a, which)...)
	}
	return all
}

func (i *inspection) verifyAccount(ctx context.Context, hasher *password.Hasher, a reset.Account, which string) []finding {
	name := password.Describe(a.PasswordHash)
	if name == "" {
		return []finding{wrong(which + " has no hash that resetd can read; check the column password_hash of find")}
	}
	matches, err := hasher.Verify(ctx, password.ForReset, a.PasswordHash, i.Verify.Password)
	switch {
	case err != nil:
		return []finding{wrong(err.Error())}
	case !matches:
		return []finding{wrong(fmt.Sprintf("the hash of %s is %s, and this password does not match; if the password is right, check prepare, pepper and RESETD_PEPPER", which, name))}
	}
	found := []finding{ok(fmt.Sprintf("the hash of %s is %s, and this password matches", which, name))}
	if writes := i.scheme().Writes(a.PasswordHash); writes != name {
		found = append(found, note("a new hash would be "+writes+`; set hash in RESETD_ACCOUNTS to the application's format, or to "match"`))
	}
	if !a.Active {
		found = append(found, note(which+" is not active and gets no link"))
	}
	if faults := i.try(ctx, a, which); len(faults) > 0 {
		return append(found, faults...)
	}
	return append(found, ok("the reset of "+which+" changed exactly one row and was rolled back"))
}
