package reset

import (
	"context"
	"fmt"
	"io"

	"resetd/internal/password"
)

// NewPassword is a password to set: its hash, and a function that reports whether
// another hash, which the application made of it, is of the same password.
type NewPassword struct {
	Hash   string
	Verify func(ctx context.Context, stored string) (bool, error)
}

// Format keeps the hash out of every message.
func (NewPassword) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[new password]") }

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

func (s *Service) check(a Account, plain, again string) []password.Problem {
	return s.policy.Check(plain, again, password.Person{Name: a.Name, Email: a.Email, Hash: a.PasswordHash})
}
