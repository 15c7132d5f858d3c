// Package signin tells who somebody is by address and password, for the accounts
// that resetd keeps itself. Wrong address, wrong password and an account that is
// not active look alike and take alike.
package signin

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// Service signs in.
type Service struct {
	directory reset.Directory
	passwords reset.Passwords
}

// New returns a service that looks accounts up in a directory.
func New(directory reset.Directory, passwords reset.Passwords) (*Service, error) {
	if directory == nil || passwords == nil {
		return nil, errors.New("signin: directory and passwords are required")
	}
	return &Service{directory, passwords}, nil
}

// SignIn returns the account with this address and password, or
// reset.ErrCredentials. A password is verified whatever the address is: against
// nothing where no account has it, which costs the same.
func (s *Service) SignIn(ctx context.Context, typed, plain string) (reset.Account, error) {
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
// gone or inactive.
func (s *Service) Account(ctx context.Context, id string) (reset.Account, error) {
	if id == "" {
		return reset.Account{}, reset.ErrSignedOut
	}
	a, err := s.directory.Account(ctx, id)
	if errors.Is(err, reset.ErrNotFound) || (err == nil && !a.Active) {
		return reset.Account{}, reset.ErrSignedOut
	}
	if err != nil {
		return reset.Account{}, fmt.Errorf("session's account: %w", err)
	}
	return a, nil
}
