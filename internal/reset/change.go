package reset

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/password"
)

// Change sets a new password for a signed-in user who enters the current one. Like
// Use, it ends the account's sessions and links and notifies its owner. It returns
// the changed account, *RefusedPassword with all problems of the input, or
// ErrSignedOut if the account is deleted or inactive.
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
	to, err := s.hash(ctx, a, plain)
	if err != nil {
		return Account{}, err
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		if err := s.setPassword(ctx, tx, a, to, now, Delivery{IP: by.IP, Agent: by.Agent}); err != nil {
			return err
		}
		return tx.Append(ctx, changedPassword(a.ID, ActorUser, now, by))
	})
	if errors.Is(err, ErrAccountChanged) {
		return Account{}, ErrSignedOut // a concurrent change ended this session too
	}
	if err != nil {
		return Account{}, fmt.Errorf("change password: %w", err)
	}
	s.wake()
	a.PasswordHash = to.Hash
	return a, nil
}

// JustChanged reports whether the account's password was changed without a link, from
// the client's IP address, a moment ago.
func (s *Service) JustChanged(ctx context.Context, a Account, by Client) (bool, error) {
	changed, err := s.store.ChangedSince(ctx, a.ID, by.IP, s.now().Add(-RepeatTime))
	if err != nil {
		return false, fmt.Errorf("repeat change: %w", err)
	}
	return changed, nil
}

func (s *Service) checkChange(ctx context.Context, a Account, current, plain, again string) error {
	right, err := s.passwords.Verify(ctx, password.ForSignIn, a.PasswordHash, current)
	if err != nil {
		return fmt.Errorf("verify password: %w", err)
	}
	refused := &RefusedPassword{Problems: s.check(a, plain, again), WrongCurrent: !right}
	if right && plain == current {
		refused.Problems = append(refused.Problems, password.Unchanged)
	}
	if refused.WrongCurrent || refused.Problems != nil {
		return refused
	}
	return RefuseBreached(ctx, s.breaches, plain)
}

// Assign sets an account's password for an operator, without a link. It ends all
// links of the account and notifies its owner.
func (s *Service) Assign(ctx context.Context, a Account, plain, again string) error {
	to, err := s.newPassword(ctx, a, plain, again)
	if err != nil {
		return err
	}
	now := s.now()
	return s.store.InTx(ctx, func(tx Tx) error {
		if err := s.setPassword(ctx, tx, a, to, now, Delivery{}); err != nil {
			return err
		}
		return tx.Append(ctx, changedPassword(a.ID, ActorOperator, now, Client{}))
	})
}
