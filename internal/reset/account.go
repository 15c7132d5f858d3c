package reset

import (
	"context"
	"fmt"
	"io"
)

// Account is an account as the directory returns it. Only its id is printed.
type Account struct {
	ID           string
	Email        string // as stored: emails go here
	Name         string
	PasswordHash string
	Active       bool
	Locale       string
}

// Format keeps address and hash out of every message.
func (a Account) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "account "+a.ID) }

// Withholds returns why an account may not have a link; empty if it may.
func (s *Service) Withholds(a Account) Withheld {
	switch {
	case a.ID == "":
		return WithheldNoAccount
	case !a.Active:
		return WithheldInactive
	case !s.passwords.Usable(a.PasswordHash):
		return WithheldNoPassword
	default:
		return ""
	}
}

// first returns the account of the request itself: one that may have a link, if
// there is one.
func (s *Service) first(found []Account) Account {
	for _, a := range found {
		if s.Withholds(a) == "" {
			return a
		}
	}
	if len(found) > 0 {
		return found[0]
	}
	return Account{}
}

// addressed returns an account with one of its addresses, or the zero Account if it
// does not have this address.
func addressed(ctx context.Context, d Directory, id, email string) (Account, error) {
	address, malformed := ParseAddress(email)
	if malformed != nil {
		return Account{}, nil //nolint:nilerr // no account has it
	}
	found, err := d.FindAccounts(ctx, address)
	for _, a := range found {
		if a.ID == id && a.Email == email {
			return a, err
		}
	}
	return Account{}, err
}
