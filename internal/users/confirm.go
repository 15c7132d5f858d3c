package users

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// ErrOutdated: a newer link was sent to the address of the sign-up.
var ErrOutdated = errors.New("a newer link was sent")

// Choice is what the person chose after following the link.
type Choice struct{ Name, Plain, Again string }

// Verify returns the id in the token of a link, or reset.ErrNoLink. It needs no
// database.
func (s *SignUps) Verify(token string) (reset.ID, error) {
	return s.Keys.Verify(reset.PurposeSignUp, token)
}

// Show returns the sign-up of a link, or why the link is dead: reset.ErrUsed,
// ErrExists, ErrOutdated, reset.ErrExpired or reset.ErrGone. It changes nothing,
// because mail scanners follow links.
func (s *SignUps) Show(ctx context.Context, id reset.ID) (SignUp, error) {
	up, err := s.Store.SignUp(ctx, id)
	if errors.Is(err, reset.ErrNotFound) {
		return SignUp{}, reset.ErrGone
	}
	if err != nil {
		return SignUp{}, fmt.Errorf("show sign-up: %w", err)
	}
	found, err := s.accounts(ctx, up)
	if err == nil && len(found) > 0 { // perhaps it was confirmed between these two look-ups
		up, err = s.Store.SignUp(ctx, id)
	}
	switch {
	case err != nil:
		return SignUp{}, fmt.Errorf("show sign-up: %w", err)
	case !up.ConfirmedAt.IsZero():
		return up, reset.ErrUsed
	case len(found) > 0:
		return up, ErrExists
	case up.Outdated:
		return up, ErrOutdated
	case !s.now().Before(up.ExpiresAt):
		return up, reset.ErrExpired
	default:
		return up, nil
	}
}

// Check returns all problems of the password.
func (s *SignUps) Check(up SignUp, chosen Choice) []password.Problem {
	return s.Policy.Check(chosen.Plain, chosen.Again, password.Person{Name: chosen.Name, Email: up.Email})
}

// accounts returns the accounts with the very address of a sign-up: one whose address is
// only written alike belongs to somebody else.
func (s *SignUps) accounts(ctx context.Context, up SignUp) ([]reset.Account, error) {
	address, err := reset.ParseAddress(up.Email)
	if err != nil {
		return nil, err
	}
	found, err := s.Store.FindAccounts(ctx, address)
	return address.Same(found), err
}

// Confirm creates the account of a sign-up. A link works once. The errors are those
// of Show, and *reset.RefusedPassword with all problems of the password. If the same
// form arrives a second time, Confirm returns nil again, see repeated.
func (s *SignUps) Confirm(ctx context.Context, id reset.ID, chosen Choice, by reset.Client) error {
	up, err := s.Show(ctx, id)
	if errors.Is(err, reset.ErrUsed) {
		return s.repeated(ctx, up, chosen, by)
	}
	if err != nil {
		return err
	}
	if problems := s.Check(up, chosen); problems != nil {
		return &reset.RefusedPassword{Problems: problems}
	}
	if err := reset.RefuseBreached(ctx, s.Breaches, chosen.Plain); err != nil {
		return err
	}
	hash, err := s.Passwords.Hash(ctx, password.ForReset, chosen.Plain)
	if err != nil {
		return fmt.Errorf("confirm sign-up: %w", err)
	}
	address, err := reset.ParseAddress(up.Email)
	if err != nil {
		return fmt.Errorf("confirm sign-up: %w", err)
	}
	err = s.Store.Confirm(ctx, id, New(address, chosen.Name, hash, s.now()), by)
	if errors.Is(err, reset.ErrNotFound) || errors.Is(err, ErrExists) {
		return s.lost(ctx, id, chosen, by, err)
	}
	if err != nil {
		return fmt.Errorf("confirm sign-up: %w", err)
	}
	return nil
}

// Created returns the account that a sign-up has just created, or reset.ErrNotFound.
func (s *SignUps) Created(ctx context.Context, id reset.ID) (reset.Account, error) {
	up, err := s.Store.SignUp(ctx, id)
	if err != nil {
		return reset.Account{}, fmt.Errorf("account of sign-up: %w", err)
	}
	found, err := s.accounts(ctx, up)
	if err == nil && len(found) != 1 {
		err = reset.ErrNotFound
	}
	if err != nil {
		return reset.Account{}, fmt.Errorf("account of sign-up: %w", err)
	}
	return found[0], nil
}

// lost returns why a link is dead that was alive a moment ago.
func (s *SignUps) lost(ctx context.Context, id reset.ID, chosen Choice, by reset.Client, why error) error {
	up, err := s.Show(ctx, id)
	switch {
	case errors.Is(err, reset.ErrUsed):
		return s.repeated(ctx, up, chosen, by)
	case err == nil: // the account was deleted again at once
		return why
	default:
		return err
	}
}

// repeated returns nil if the account was created just now, from the same IP address
// and with the same password, otherwise reset.ErrUsed.
func (s *SignUps) repeated(ctx context.Context, up SignUp, chosen Choice, by reset.Client) error {
	if up.ConfirmedByIP != by.IP.Unmap().WithZone("") || s.now().Sub(up.ConfirmedAt) >= reset.RepeatTime {
		return reset.ErrUsed
	}
	found, err := s.accounts(ctx, up)
	if err != nil {
		return fmt.Errorf("confirm sign-up: %w", err)
	}
	if len(found) != 1 {
		return reset.ErrUsed
	}
	right, err := s.Passwords.Verify(ctx, password.ForReset, found[0].PasswordHash, chosen.Plain)
	if err == nil && !right {
		err = reset.ErrUsed
	}
	return err
}
