package reset

import (
	"context"
	"errors"
	"fmt"
)

// ErrWithheld: the account may not have a link. The wrapping error has the reason.
var ErrWithheld = errors.New("no link for this account")

// ErrReceived: the account of the reset was not looked up yet.
var ErrReceived = errors.New("the account was not looked up yet")

// ErrMoved: the account has another address than the one that was shown.
var ErrMoved = errors.New("the account has another address now")

// AccountOf returns the account of a reset; empty if it has none or does not exist.
func (s *Service) AccountOf(ctx context.Context, id ID) (string, error) {
	r, err := s.store.Reset(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return r.UserID, err
}

// RequestAgain calls RequestFor for the account of an earlier reset. It returns
// ErrNotFound if there is no such reset, or ErrReceived.
func (s *Service) RequestAgain(ctx context.Context, id ID, shown, by string, c Client) (ID, error) {
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return ID{}, fmt.Errorf("request reset again: %w", err)
	}
	if r.Status(s.now()) == StatusReceived {
		return ID{}, ErrReceived
	}
	if r.UserID == "" {
		return ID{}, fmt.Errorf("%w: %s", ErrWithheld, WithheldNoAccount)
	}
	made, err := s.RequestFor(ctx, r.UserID, shown, by, c)
	if errors.Is(err, ErrNotFound) { // the account was deleted since
		return ID{}, fmt.Errorf("%w: %s", ErrWithheld, WithheldNoAccount)
	}
	return made, err
}

// RequestFor requests a link for an account on behalf of its owner; by names the
// requester, as in "staff:<name>". The email goes to the account's stored address. If
// another one was shown to the requester, RequestFor returns ErrMoved; empty: none was shown.
// Live links stay alive. Unlike a visitor, the caller learns why there is no link:
// the error is ErrNotFound, or ErrWithheld with the reason. Then no row is written.
func (s *Service) RequestFor(ctx context.Context, accountID, shown, by string, c Client) (ID, error) {
	now := s.now()
	a, err := s.store.Account(ctx, accountID)
	if err != nil {
		return ID{}, fmt.Errorf("request reset for account: %w", err)
	}
	if shown != "" && shown != a.Email {
		return ID{}, ErrMoved
	}
	if why := s.Withholds(a); why != "" {
		return ID{}, fmt.Errorf("%w: %s", ErrWithheld, why)
	}
	address, err := ParseAddress(a.Email)
	if _, unsendable := Mailbox(a.Email); err != nil || unsendable != nil {
		return ID{}, fmt.Errorf("%w: no email can be sent to its address", ErrWithheld)
	}
	r, d := s.draft(now, a)
	r.Email, r.CreatedByIP, r.CreatedByAgent, r.RequestedBy = address.Normal, c.IP, c.Agent, by
	if err := s.store.Insert(ctx, r, d); err != nil {
		return ID{}, fmt.Errorf("request reset for account: %w", err)
	}
	s.wake()
	return r.ID, nil
}

// RevokeBy ends a live link; by names who ends it, as in "staff:<name>". For a
// dead link it returns the reason: ErrUsed, ErrExpired, ErrOtherUsed, ErrRevoked,
// or ErrNoLink if the link was withheld. It returns ErrNotFound if there is no
// such reset.
func (s *Service) RevokeBy(ctx context.Context, id ID, by string) error {
	now := s.now()
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	if r.Status(now) == StatusReceived {
		return ErrReceived
	}
	if err := r.dead(now); err != nil {
		return err
	}
	if err := s.store.Revoke(ctx, id, now, by); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	// The link may have been used or revoked in between. The row shows who was first.
	if r, err = s.store.Reset(ctx, id); err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	if r.RevokedBy == by && r.RevokedAt.Equal(now) {
		return nil
	}
	return r.dead(now)
}

// RevokeAllBy ends all live links of an account; by names who ends them, as in
// "staff:<name>".
func (s *Service) RevokeAllBy(ctx context.Context, userID, by string) error {
	if err := s.store.RevokeAll(ctx, userID, s.now(), by); err != nil {
		return fmt.Errorf("revoke all: %w", err)
	}
	return nil
}

// Unlock lifts the locks of an account's sign-in; by names who does it, as in
// "staff:<name>". It returns ErrNotFound if there is no such account.
func (s *Service) Unlock(ctx context.Context, userID, by string, c Client) error {
	return s.onAccount(ctx, userID, Event{At: s.now(), Kind: EventUnlocked, Actor: by, IP: c.IP, Agent: c.Agent}, s.clearSignIns)
}

// EndSessions signs an account out everywhere; by names who does it. It returns
// ErrNotFound if there is no such account.
func (s *Service) EndSessions(ctx context.Context, userID, by string, c Client) error {
	e := Event{At: s.now(), Kind: EventSessionsEnded, Actor: by, IP: c.IP, Agent: c.Agent}
	return s.onAccount(ctx, userID, e, func(ctx context.Context, tx Tx, a Account) (bool, error) {
		return true, tx.EndSessions(ctx, a, e.At)
	})
}

// onAccount runs f for an account, and appends the event if f changed something.
func (s *Service) onAccount(ctx context.Context, userID string, e Event, f func(context.Context, Tx, Account) (bool, error)) error {
	a, err := s.store.Account(ctx, userID)
	if err == nil {
		e.UserID = a.ID
		err = s.store.InTx(ctx, func(tx Tx) error {
			changed, err := f(ctx, tx, a)
			if err != nil || !changed {
				return err
			}
			return tx.Append(ctx, e)
		})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.Kind, err)
	}
	return nil
}
