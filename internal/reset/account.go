package reset

import (
	"fmt"
	"io"
)

// Account is what the directory tells of an account. It prints as its id alone.
type Account struct {
	ID           string
	Email        string // as stored: mail goes here
	Name         string
	PasswordHash string
	Active       bool
	Locale       string
}

// Format keeps address and hash out of every message.
func (a Account) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "account "+a.ID) }

// withheld says why this account may not have a link; empty where it may.
func (s *Service) withheld(a Account) Withheld {
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

// first is the account whose row is written while the visitor waits: one that
// may have a link before one that may not. The worker adds rows for the rest.
func (s *Service) first(found []Account) Account {
	for _, a := range found {
		if s.withheld(a) == "" {
			return a
		}
	}
	if len(found) > 0 {
		return found[0]
	}
	return Account{}
}
