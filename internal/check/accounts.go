package check

import (
	"context"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store/inspect"
)

// accounts tries the statements and rolls them back. It uses an account of the sample.
// If the sample is empty, it uses an account that does not exist.
func (i *inspection) accounts(ctx context.Context) (found []finding) {
	if i.Config.Builtin && i.behind {
		i.broken = true
		return []finding{skip("the tables are not up to date")}
	}
	i.sample, _ = i.db.Sample(ctx) // if it fails, Try reports it
	text := i.statements() + " work"
	if a, ok := i.pickSample(i.sample); ok {
		found, text = i.try(ctx, a, "one of the accounts"), text+triedWith("one of the accounts")
	} else {
		found = i.trySubject(ctx, inspect.Subject{}, "")
	}
	i.broken = len(found) > 0
	if len(found) == 0 {
		found = append(found, ok(text))
	}
	if !i.Config.Accounts.EndsSessions {
		found = append(found, note("ends_sessions is not true: a user may stay signed in after a reset, and resetd does not promise that sessions end"))
	}
	return found
}

// statements lists the configured statements.
func (i *inspection) statements() string {
	const required = "find, get, set_password"
	switch n := len(i.Config.Accounts.AfterReset); n {
	case 0:
		return required
	case 1:
		return required + " and after_reset"
	default:
		return fmt.Sprintf("%s and %d statements of after_reset", required, n)
	}
}

// try runs the statements with this account.
func (i *inspection) try(ctx context.Context, a reset.Account, which string) []finding {
	hasher, err := password.NewHasher(i.Config.Hashing)
	if err != nil {
		return []finding{skip("the hashing settings are invalid, see above")}
	}
	hash, err := hasher.Renew(ctx, password.ForReset, a.PasswordHash, "a password that resetd check rolls back")
	if err != nil {
		return []finding{wrong(err.Error())}
	}
	return i.trySubject(ctx, inspect.Subject{Account: a, Hash: hash}, triedWith(which))
}

func (i *inspection) trySubject(ctx context.Context, s inspect.Subject, suffix string) (found []finding) {
	for _, f := range i.db.Try(ctx, s, i.Now()) {
		found = append(found, wrong(f.Name+": "+f.Error()+suffix))
	}
	return found
}

// triedWith returns the end of a message, which names the account.
func triedWith(which string) string { return " (tried with " + which + ", and rolled back)" }
