package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"resetd/internal/reset"
)

// ReadBack is the name of the step after the statements of a reset.
const ReadBack = "get after set_password"

// ErrNotSet: set_password changed a row, but the account does not have the new
// password.
var ErrNotSet = errors.New("the new password does not match the hash that it returns: " +
	"a trigger or the application's own code changes what set_password writes, a column cuts it off, or get returns something else")

// readBack reads an account after the statements of a reset, and returns an error
// unless it has the new password, and is as it was in all other respects. If get
// returns exactly the hash that was written, nothing is hashed.
func (d Accounts) readBack(ctx context.Context, a reset.Account, to reset.NewPassword) error {
	if undefer := d.db.Dialect.Undefer; undefer != "" {
		if err := d.directory.note(ReadBack, d.db.Run(ctx, undefer)); err != nil {
			return err
		}
	}
	got, err := d.Account(ctx, a.ID)
	if errors.Is(err, reset.ErrNotFound) {
		return changed("it does not return the account")
	}
	if err != nil {
		return err
	}
	if err := d.isSet(ctx, got.PasswordHash, to); err != nil {
		return err
	}
	if got, err = d.withAddress(ctx, got, a.Email); err != nil {
		return err
	}
	switch {
	case got.Email != a.Email:
		return changed("the account has another address")
	case a.Active && !got.Active:
		return changed("the account is not active")
	default:
		return nil
	}
}

func (d Accounts) isSet(ctx context.Context, stored string, to reset.NewPassword) error {
	same := stored == to.Hash
	if !same {
		var err error
		if same, err = to.Verify(ctx, stored); err != nil {
			return fmt.Errorf("accounts: %s: %w", ReadBack, err)
		}
	}
	if !same {
		return d.directory.note(ReadBack, ErrNotSet)
	}
	return d.directory.note(ReadBack, nil)
}

// withAddress returns an account with one of its addresses. find may match the second
// address of an account, and get returns the first. If the account does not have the
// address, it is returned as it is.
func (d Accounts) withAddress(ctx context.Context, a reset.Account, email string) (reset.Account, error) {
	address, malformed := reset.ParseAddress(email)
	if a.Email == email || malformed != nil {
		return a, nil //nolint:nilerr // find can not be asked for it
	}
	found, err := d.accounts(ctx, "find", d.directory.Find, address.Typed, address.Folded, address.Normal)
	if i := slices.IndexFunc(found, func(f reset.Account) bool { return f.ID == a.ID && f.Email == email }); i >= 0 {
		return found[i], err
	}
	return a, err
}

// ErrChanged: after the statements of a reset, the account is not as it was. It comes
// with reset.ErrAccountChanged.
var ErrChanged = errors.New("the statements or the application changed it")

func changed(how string) error {
	return fmt.Errorf("accounts: %s: %s: %w: %w", ReadBack, how, ErrChanged, reset.ErrAccountChanged)
}
