package reset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNothingToSend: no email is due, because the reset is withheld or its link is
// already dead.
var ErrNothingToSend = errors.New("nothing to send")

// Mail is the content of an email; package mail writes the text.
type Mail struct {
	Delivery Delivery
	Reset    Reset   // zero if the email belongs to no reset
	Account  Account // zero if the account was deleted
	Token    Token   // of the link, for KindResetLink and KindSignUpConfirm
	Denial   Token   // of "this wasn't me"
	Several  bool    // the address has several accounts, so the text names this one
}

// GiveUpAt is when the email has become useless: its link is dead or its notice is
// too old.
func (m Mail) GiveUpAt() time.Time {
	switch m.Delivery.Kind {
	case KindResetLink:
		return m.Reset.ExpiresAt
	case KindSignUpConfirm:
		return m.Delivery.CreatedAt.Add(SignUpLifetime)
	default:
		return m.Delivery.CreatedAt.Add(noticeLifetime)
	}
}

// Prepare does the work that Request left to the worker: it adds rows for further
// accounts with the address and derives the link. It returns ErrNothingToSend if
// no email is due.
func (s *Service) Prepare(ctx context.Context, d Delivery) (Mail, error) {
	m := Mail{Delivery: d}
	var err error
	switch {
	case d.Kind == KindResetLink && d.UserID != "":
		err = s.prepareLink(ctx, &m, s.now())
	case d.Kind == KindResetLink || d.Recipient == "":
		return m, ErrNothingToSend // without a look-up, because there may be many of these
	case d.Kind == KindSignUpConfirm:
		m.Token = s.keys.Token(PurposeSignUp, d.ID)
	default:
		err = s.prepareNotice(ctx, &m)
	}
	if err != nil && !errors.Is(err, ErrNothingToSend) {
		return Mail{}, fmt.Errorf("prepare mail: %w", err)
	}
	return m, err
}

func (s *Service) prepareNotice(ctx context.Context, m *Mail) (err error) {
	if m.Delivery.Kind == KindPasswordChanged {
		m.Denial = s.keys.Token(PurposeNotMyChange, m.Delivery.ID)
	}
	if m.Delivery.ResetID != (ID{}) {
		if m.Reset, err = s.store.Reset(ctx, m.Delivery.ResetID); err != nil {
			return err
		}
	}
	m.Account, err = s.store.Account(ctx, m.Delivery.UserID)
	if errors.Is(err, ErrNotFound) {
		return nil // the owner is notified even if the account was deleted
	}
	return err
}

// prepareLink needs no transaction: each of its steps can be repeated, and if a
// worker dies in between, another one claims the delivery again.
func (s *Service) prepareLink(ctx context.Context, m *Mail, now time.Time) (err error) {
	if m.Reset, err = s.store.Reset(ctx, m.Delivery.ResetID); err != nil {
		return err
	}
	found, err := s.accountsOf(ctx, m.Reset)
	if err != nil {
		return err
	}
	if m.Several = len(found) > 1; m.Several {
		if err := s.addSiblings(ctx, m.Reset, found); err != nil {
			return err
		}
	}
	if !m.Reset.alive(now) {
		return ErrNothingToSend
	}
	m.Account = own(m.Reset, found)
	if !s.unchanged(m.Reset, m.Account) {
		if err := s.store.Revoke(ctx, m.Reset.ID, now, RevokedAccountChanged); err != nil {
			return err
		}
		return ErrNothingToSend
	}
	m.Token, m.Denial = s.keys.Token(PurposeResetLink, m.Reset.ID), s.keys.Token(PurposeNotMyRequest, m.Reset.ID)
	return nil
}

// accountsOf returns the accounts with the requested address, including the
// reset's own account unless it was deleted.
func (s *Service) accountsOf(ctx context.Context, r Reset) (found []Account, err error) {
	address, malformed := ParseAddress(r.Email)
	if malformed == nil && r.Withheld != WithheldThrottled {
		if found, err = s.store.FindAccounts(ctx, address); err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(found, func(a Account) bool { return a.ID == r.UserID }) {
		return found, nil
	}
	// The typed address may have matched although its normal form does not.
	a, err := s.store.Account(ctx, r.UserID)
	if errors.Is(err, ErrNotFound) {
		return found, nil
	}
	return append(found, a), err
}

// own returns the reset's account among those found; the zero Account if it was
// deleted.
func own(r Reset, found []Account) Account {
	for _, a := range found {
		if a.ID == r.UserID {
			return a
		}
	}
	return Account{}
}

// addSiblings adds a reset for each further account with the address. A second
// call adds nothing.
func (s *Service) addSiblings(ctx context.Context, r Reset, found []Account) error {
	return s.store.InTx(ctx, func(tx Tx) error {
		have, err := tx.Siblings(ctx, r)
		if err != nil {
			return err
		}
		for _, a := range found {
			if slices.Contains(have, a.ID) {
				continue
			}
			if err := s.addSibling(ctx, tx, r, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// addSibling adds the reset of one further account with the time and the visitor
// of r, as if it had been requested separately.
func (s *Service) addSibling(ctx context.Context, tx Tx, r Reset, a Account) error {
	further, d := s.draft(r.CreatedAt, a)
	further.ExpiresAt, further.Email, further.RequestedBy = r.ExpiresAt, r.Email, r.RequestedBy
	further.CreatedByIP, further.CreatedByAgent = r.CreatedByIP, r.CreatedByAgent
	return tx.Insert(ctx, further, d)
}
