package reset

import (
	"context"
	"fmt"

	"resetd/internal/password"
)

// HashNew checks a password for an account and hashes it, or returns
// *RefusedPassword or ErrUnchecked.
func (s *Service) HashNew(ctx context.Context, a Account, plain, again string) (string, error) {
	to, err := s.newPassword(ctx, a, plain, again)
	return to.Hash, err
}

// newPassword is HashNew for a password that is then set.
func (s *Service) newPassword(ctx context.Context, a Account, plain, again string) (NewPassword, error) {
	if problems := s.check(a, plain, again); problems != nil {
		return NewPassword{}, &RefusedPassword{Problems: problems}
	}
	if err := RefuseBreached(ctx, s.breaches, plain); err != nil {
		return NewPassword{}, err
	}
	return s.hash(ctx, a, plain)
}

func (s *Service) hash(ctx context.Context, a Account, plain string) (NewPassword, error) {
	hash, err := s.passwords.Renew(ctx, password.ForReset, a.PasswordHash, plain)
	if err != nil {
		return NewPassword{}, fmt.Errorf("hash password: %w", err)
	}
	return NewPassword{hash, func(ctx context.Context, stored string) (bool, error) {
		return s.passwords.Verify(ctx, password.ForReset, stored, plain)
	}}, nil
}

// RefuseBreached returns *RefusedPassword for a password that is known from a data
// breach, or ErrUnchecked.
func RefuseBreached(ctx context.Context, known Breaches, plain string) error {
	if known == nil {
		return nil
	}
	found, err := known.Contains(ctx, plain)
	if err != nil {
		return fmt.Errorf("look up breached passwords: %w", err)
	}
	if found {
		return &RefusedPassword{Problems: []password.Problem{password.Breached}}
	}
	return nil
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
