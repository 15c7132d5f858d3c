package reset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNothingToSend: the delivery is settled without a mail, because the reset
// is withheld or the link is dead already.
var ErrNothingToSend = errors.New("nothing to send")

// Mail is what a mail says; package mail puts it into words.
type Mail struct {
	Delivery Delivery
	Reset    Reset   // zero where no reset is behind the mail
	Account  Account // zero where the account is gone
	Token    Token   // of the link, for KindResetLink
	Several  bool    // the address has several accounts: name this one
}

// GiveUpAt is when the mail has lost its use: a link is dead then, a notice old
// news.
func (m Mail) GiveUpAt() time.Time {
	if m.Delivery.Kind == KindResetLink {
		return m.Reset.ExpiresAt
	}
	return m.Delivery.CreatedAt.Add(noticeLifetime)
}

// Prepare does for a claimed delivery all that the request itself left undone:
// it adds rows for further accounts with the address, kills older links and
// derives the link. It returns ErrNothingToSend if no mail is due.
func (s *Service) Prepare(ctx context.Context, d Delivery) (Mail, error) {
	m := Mail{Delivery: d}
	var err error
	if d.Kind == KindResetLink && d.UserID == "" {
		return m, ErrNothingToSend // no account: nothing to look up, and many of these may come
	}
	if d.Kind == KindResetLink {
		err = s.prepareLink(ctx, &m, s.now())
	} else {
		err = s.prepareNotice(ctx, &m)
	}
	if err != nil && !errors.Is(err, ErrNothingToSend) {
		return Mail{}, fmt.Errorf("prepare mail: %w", err)
	}
	return m, err
}

func (s *Service) prepareNotice(ctx context.Context, m *Mail) (err error) {
	if m.Delivery.ResetID != (ID{}) {
		if m.Reset, err = s.store.Reset(ctx, m.Delivery.ResetID); err != nil {
			return err
		}
	}
	m.Account, err = s.store.Account(ctx, m.Delivery.UserID)
	if errors.Is(err, ErrNotFound) {
		return nil // the account is gone; its owner is told all the same
	}
	return err
}

func (s *Service) prepareLink(ctx context.Context, m *Mail, now time.Time) error {
	due := false
	err := s.store.InTx(ctx, func(tx Tx) (err error) {
		if m.Reset, err = tx.Reset(ctx, m.Delivery.ResetID); err != nil {
			return err
		}
		if m.Several, err = s.addSiblings(ctx, tx, m.Reset); err != nil {
			return err
		}
		due, err = s.linkDue(ctx, tx, m, now)
		return err
	})
	if err == nil && !due {
		return ErrNothingToSend
	}
	return err
}

// linkDue tells whether the link is still to be sent. If so, it becomes the
// account's only one; if the account changed, it becomes none.
func (s *Service) linkDue(ctx context.Context, tx Tx, m *Mail, now time.Time) (bool, error) {
	if !m.Reset.alive(now) {
		return false, nil
	}
	a, err := tx.Account(ctx, m.Reset.UserID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return false, err
	}
	if err != nil || !s.unchanged(m.Reset, a) {
		return false, tx.Revoke(ctx, m.Reset.ID, now, RevokedAccountChanged)
	}
	m.Account, m.Token = a, s.keys.Token(PurposeResetLink, m.Reset.ID)
	return true, tx.Supersede(ctx, m.Reset, now)
}

// addSiblings adds a reset for each further account with the address, once, and
// tells whether there are several.
func (s *Service) addSiblings(ctx context.Context, tx Tx, r Reset) (bool, error) {
	if r.UserID == "" || r.Withheld == WithheldThrottled {
		return false, nil
	}
	address, err := ParseAddress(r.Email)
	if err != nil {
		return false, nil //nolint:nilerr // a row that another program wrote; its mail goes out all the same
	}
	found, err := tx.FindAccounts(ctx, address)
	if err != nil || len(found) < 2 {
		return false, err
	}
	have, err := tx.Siblings(ctx, r)
	if err != nil {
		return false, err
	}
	for _, a := range found {
		if slices.Contains(have, a.ID) {
			continue
		}
		if err := s.addSibling(ctx, tx, r, a); err != nil {
			return false, err
		}
	}
	return true, nil
}

// addSibling adds the reset of one further account as if it had been asked for
// by itself: same moment, same visitor.
func (s *Service) addSibling(ctx context.Context, tx Tx, r Reset, a Account) error {
	further, d := s.draft(r.CreatedAt, a)
	further.ExpiresAt, further.Email, further.RequestedBy = r.ExpiresAt, r.Email, r.RequestedBy
	further.CreatedByIP, further.CreatedByAgent = r.CreatedByIP, r.CreatedByAgent
	return tx.Insert(ctx, further, d)
}
