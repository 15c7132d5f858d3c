package check

import (
	"context"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store/inspect"
)

// accounts tries the statements: with one of the accounts if the statement sample
// returns one, else with an account that does not exist.
func (i *inspection) accounts(ctx context.Context) (found []finding) {
	if i.Config.Builtin && i.behind {
		i.broken = true
		return []finding{skip("the tables are not up to date")}
	}
	i.sample, _ = i.db.Sample(ctx) // if it fails, Try reports it
	text := i.statements() + " work"
	if a, there := i.pickSample(i.sample); there {
		found, text = i.try(ctx, a, "one of the accounts"), text+triedWith("one of the accounts")
	} else {
		found = i.tryAs(ctx, inspect.Subject{}, "")
	}
	i.broken = len(found) > 0
	if len(found) == 0 {
		found = append(found, ok(text))
	}
	if !i.Config.Accounts.EndsSessions {
		found = append(found, note("ends_sessions is not true: whoever was signed in may stay so after a reset, and is not told otherwise"))
	}
	return found
}

func (i *inspection) statements() string {
	const fixed = "find, get, set_password"
	switch n := len(i.Config.Accounts.AfterReset); n {
	case 0:
		return fixed
	case 1:
		return fixed + " and after_reset"
	default:
		return fmt.Sprintf("%s and %d of after_reset", fixed, n)
	}
}

// try runs the statements with an account.
func (i *inspection) try(ctx context.Context, a reset.Account, which string) []finding {
	hasher, err := password.NewHasher(i.Config.Hashing)
	if err != nil {
		return []finding{skip("the settings of hashing can't be read, see above")}
	}
	hash, err := hasher.Renew(ctx, password.ForReset, a.PasswordHash, "a password that resetd check rolls back")
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	return i.tryAs(ctx, inspect.Subject{Account: a, Hash: hash}, triedWith(which))
}

func (i *inspection) tryAs(ctx context.Context, s inspect.Subject, with string) (found []finding) {
	for _, f := range i.db.Try(ctx, s, i.Now()) {
		found = append(found, wrong(f.Name+": "+f.Error()+with))
	}
	return found
}

// triedWith names the account that the statements were tried with.
func triedWith(which string) string { return " (tried with " + which + ", and rolled back)" }
