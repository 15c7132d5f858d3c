package reset

import (
	"context"
	"errors"
	"fmt"
)

// ErrWithheld: the account may have no link as it is; what wraps it says why.
var ErrWithheld = errors.New("no link for this account")

// Withholds says why RequestFor would make no link for an account; empty where
// it would.
func (s *Service) Withholds(a Account) Withheld { return s.withheld(a) }

// RequestAgain asks for a new link for the account of an earlier reset, as
// RequestFor does. ErrNotFound: there is no such reset.
func (s *Service) RequestAgain(ctx context.Context, id ID, by string, c Client) (ID, error) {
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return ID{}, fmt.Errorf("request reset again: %w", err)
	}
	if r.UserID == "" {
		return ID{}, fmt.Errorf("%w: %s", ErrWithheld, WithheldNoAccount)
	}
	made, err := s.RequestFor(ctx, r.UserID, by, c)
	if errors.Is(err, ErrNotFound) { // it had an account then
		return ID{}, fmt.Errorf("%w: %s", ErrWithheld, WithheldNoAccount)
	}
	return made, err
}

// RequestFor asks for a link for an account on behalf of its owner. By is who
// did, as in "staff:<name>". The mail goes to the address that the account has.
// Links that are alive stay so. Unlike a stranger, who is told
// nothing, whoever asks here is told why there is no link: ErrNotFound, or
// ErrWithheld and the reason. No row is written then.
func (s *Service) RequestFor(ctx context.Context, accountID, by string, c Client) (ID, error) {
	now := s.now()
	a, err := s.store.Account(ctx, accountID)
	if err != nil {
		return ID{}, fmt.Errorf("request reset for account: %w", err)
	}
	if why := s.withheld(a); why != "" {
		return ID{}, fmt.Errorf("%w: %s", ErrWithheld, why)
	}
	address, err := ParseAddress(a.Email)
	if err != nil {
		return ID{}, fmt.Errorf("%w: its address takes no mail", ErrWithheld)
	}
	r, d := s.draft(now, a)
	r.Email, r.CreatedByIP, r.CreatedByAgent, r.RequestedBy = address.Normal, c.IP, c.Agent, by
	if err := s.store.Insert(ctx, r, d); err != nil {
		return ID{}, fmt.Errorf("request reset for account: %w", err)
	}
	s.wake()
	return r.ID, nil
}

// RevokeBy ends a live link; by is who did, as in "staff:<name>". For one that
// is dead already the error says of what: ErrUsed, ErrExpired, ErrOtherUsed,
// ErrRevoked, or ErrNoLink where it was withheld. ErrNotFound: there is no such
// reset.
func (s *Service) RevokeBy(ctx context.Context, id ID, by string) error {
	now := s.now()
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	if err := dead(r, r.Status(now)); err != nil {
		return err
	}
	if err := s.store.Revoke(ctx, id, now, by); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	// It may have been used or revoked in between: the row tells who was first.
	if r, err = s.store.Reset(ctx, id); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	if r.RevokedBy == by && r.RevokedAt.Equal(now) {
		return nil
	}
	return dead(r, r.Status(now))
}
