package reset

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/password"
)

// Change sets a new password for somebody who is signed in and knows the
// present one. Like the use of a link it ends the account's sessions and links
// and tells its owner. Everything wrong with the input comes back at once, as
// *RefusedPassword; ErrSignedOut if the account is gone or inactive. It returns
// the account as it is then.
func (s *Service) Change(ctx context.Context, userID, current, plain, again string, by Client) (Account, error) {
	now := s.now()
	a, err := s.store.Account(ctx, userID)
	if errors.Is(err, ErrNotFound) || (err == nil && !a.Active) {
		return Account{}, ErrSignedOut
	}
	if err != nil {
		return Account{}, fmt.Errorf("look up account: %w", err)
	}
	if err := s.checkChange(ctx, a, current, plain, again); err != nil {
		return Account{}, err
	}
	hash, err := s.passwords.Renew(ctx, password.ForReset, a.PasswordHash, plain)
	if err != nil {
		return Account{}, fmt.Errorf("hash password: %w", err)
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		return s.setPassword(ctx, tx, a, hash, now, Delivery{IP: by.IP, Agent: by.Agent})
	})
	if errors.Is(err, ErrAccountChanged) {
		return Account{}, ErrSignedOut // changed elsewhere meanwhile, which ended this session too
	}
	if err != nil {
		return Account{}, fmt.Errorf("change password: %w", err)
	}
	s.wake()
	a.PasswordHash = hash
	return a, nil
}

func (s *Service) checkChange(ctx context.Context, a Account, current, plain, again string) error {
	right, err := s.passwords.Verify(ctx, password.ForSignIn, a.PasswordHash, current)
	if err != nil {
		return fmt.Errorf("verify password: %w", err)
	}
	refused := &RefusedPassword{Problems: s.check(a, plain, again), WrongCurrent: !right}
	if refused.WrongCurrent || refused.Problems != nil {
		return refused
	}
	return nil
}
