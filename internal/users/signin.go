package users

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// Authenticator tells who somebody is, by address and password.
type Authenticator struct {
	directory reset.Directory
	passwords reset.Passwords
	keys      reset.Keys
}

// NewAuthenticator returns one that looks accounts up in a directory.
func NewAuthenticator(directory reset.Directory, passwords reset.Passwords, keys reset.Keys) (*Authenticator, error) {
	if directory == nil || passwords == nil || keys.Empty() {
		return nil, errors.New("users: directory, passwords and keys are required")
	}
	return &Authenticator{directory, passwords, keys}, nil
}

// Ticket is what a session keeps of who signed in.
type Ticket struct {
	UserID string
	State  string // of the account then, see reset.Keys.AccountState
}

// Ticket is for an account that has just proved itself.
func (s *Authenticator) Ticket(a reset.Account) Ticket { return Ticket{a.ID, s.keys.AccountState(a)} }

// SignIn returns the account with this address and password, or
// reset.ErrCredentials. A password is verified for every address: if no account
// has it, against a fixed hash, which costs the same.
func (s *Authenticator) SignIn(ctx context.Context, typed, plain string) (reset.Account, error) {
	var a reset.Account
	address, malformed := reset.ParseAddress(typed)
	if malformed == nil {
		found, err := s.directory.FindAccounts(ctx, address)
		if err != nil {
			return reset.Account{}, fmt.Errorf("sign in: %w", err)
		}
		if len(found) == 1 { // with several, an address says too little
			a = found[0]
		}
	}
	right, err := s.passwords.Verify(ctx, password.ForSignIn, a.PasswordHash, plain)
	if err != nil {
		return reset.Account{}, fmt.Errorf("sign in: %w", err)
	}
	if !right || !a.Active {
		return reset.Account{}, reset.ErrCredentials
	}
	return a, nil
}

// Account returns the account of a session, or reset.ErrSignedOut once it is
// gone, inactive or has another password or address. A reset ends the sessions
// that it finds; one that began with the old password a moment later ends here.
func (s *Authenticator) Account(ctx context.Context, t Ticket) (reset.Account, error) {
	if t.UserID == "" {
		return reset.Account{}, reset.ErrSignedOut
	}
	a, err := s.directory.Account(ctx, t.UserID)
	if errors.Is(err, reset.ErrNotFound) || (err == nil && (!a.Active || !s.keys.SameState(t.State, a))) {
		return reset.Account{}, reset.ErrSignedOut
	}
	if err != nil {
		return reset.Account{}, fmt.Errorf("session's account: %w", err)
	}
	return a, nil
}
