package users

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// Authenticator identifies users by address and password.
type Authenticator struct {
	directory reset.Directory
	passwords reset.Passwords
	keys      reset.Keys
}

// NewAuthenticator returns an Authenticator that looks up accounts in a directory.
func NewAuthenticator(directory reset.Directory, passwords reset.Passwords, keys reset.Keys) (*Authenticator, error) {
	if directory == nil || passwords == nil || keys.Empty() {
		return nil, errors.New("users: directory, passwords and keys are required")
	}
	return &Authenticator{directory, passwords, keys}, nil
}

// Ticket identifies the signed-in account in a session.
type Ticket struct {
	UserID string
	State  string // of the account at the sign-in, see reset.Keys.AccountState
}

// Ticket returns the ticket of an account that has just signed in.
func (s *Authenticator) Ticket(a reset.Account) Ticket { return Ticket{a.ID, s.keys.AccountState(a)} }

// SignIn returns the account with this address and password, and whether no other account
// has an address that is written alike. With
// reset.ErrCredentials it returns the account that was not signed in to, for the
// record; the answer must not depend on it. It verifies a password for every address.
// If there is no account, it uses a fixed hash, which costs the same.
func (s *Authenticator) SignIn(ctx context.Context, typed, plain string) (a reset.Account, alone bool, err error) {
	address, malformed := reset.ParseAddress(typed)
	if malformed == nil {
		found, err := s.directory.FindAccounts(ctx, address)
		if err != nil {
			return reset.Account{}, false, fmt.Errorf("sign in: %w", err)
		}
		a, alone = address.Only(found), len(found) == 1
	}
	right, err := s.passwords.Verify(ctx, password.ForSignIn, a.PasswordHash, plain)
	if err != nil {
		return reset.Account{}, false, fmt.Errorf("sign in: %w", err)
	}
	if !right || !a.Active {
		return a, alone, reset.ErrCredentials
	}
	return a, alone, nil
}

// Account returns the account of a session. It returns reset.ErrSignedOut if the
// account is deleted, inactive, or has another password or address. A reset ends all
// existing sessions. If a sign-in with the old password was running at that time, its
// session ends here.
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
