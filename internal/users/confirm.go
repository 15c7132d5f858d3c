package users

import (
	"context"
	"errors"
	"fmt"
	"time"

	"resetd/internal/reset"
)

// Verify returns the id in the token of a link, or reset.ErrNoLink. It needs no
// database.
func (s *SignUps) Verify(token string) (reset.ID, error) {
	return s.Keys.Verify(reset.PurposeSignUp, token)
}

// Show returns the sign-up of a link, or why the link is dead: reset.ErrUsed or
// reset.ErrExpired. It changes nothing, because mail scanners follow links.
func (s *SignUps) Show(ctx context.Context, id reset.ID) (SignUp, error) {
	waiting, err := s.Store.SignUp(ctx, id)
	if errors.Is(err, reset.ErrNotFound) {
		return SignUp{}, reset.ErrExpired // the token is valid, so the row was purged
	}
	if err != nil {
		return SignUp{}, fmt.Errorf("show sign-up: %w", err)
	}
	return waiting, waiting.dead(s.now())
}

// Confirm creates the account of a sign-up and records this. A link works once. The errors are those
// of Show, and ErrExists.
func (s *SignUps) Confirm(ctx context.Context, id reset.ID, by reset.Client) error {
	waiting, err := s.Show(ctx, id)
	if err != nil {
		return err
	}
	err = s.Store.Confirm(ctx, waiting, s.now(), by)
	switch {
	case errors.Is(err, reset.ErrNotFound):
		return reset.ErrUsed // by a concurrent request
	case errors.Is(err, ErrExists):
		return err
	case err != nil:
		return fmt.Errorf("confirm sign-up: %w", err)
	default:
		return nil
	}
}

func (s SignUp) dead(now time.Time) error {
	switch {
	case !s.ConfirmedAt.IsZero():
		return reset.ErrUsed
	case !now.Before(s.ExpiresAt) || s.PasswordHash == "":
		return reset.ErrExpired
	default:
		return nil
	}
}
