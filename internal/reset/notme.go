package reset

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// notMeLifetime is how long a "this wasn't me" link works. People read email late.
const notMeLifetime = 7 * 24 * time.Hour

// Denial is a verified "this wasn't me" link: the email it comes from (Purpose),
// and the reset or delivery it is about.
type Denial struct {
	Purpose Purpose
	ID      ID
}

// VerifyDenial verifies the token of a "this wasn't me" link, or returns
// ErrNoLink. It needs no database. It refuses the token of a reset link.
func (s *Service) VerifyDenial(token string) (Denial, error) {
	for _, p := range []Purpose{PurposeNotMyRequest, PurposeNotMyChange} {
		if id, err := s.keys.Verify(p, token); err == nil {
			return Denial{p, id}, nil
		}
	}
	return Denial{}, ErrNoLink
}

// Deny acts on a "this wasn't me". If it comes from the email with a reset link,
// that link is revoked; ErrUsed means that the link was used before. If it comes
// from the notice of a new password, all sessions and links of the account end,
// and its owner gets a new link if the address has not changed since the notice.
// A second call does the same again. After seven days it returns ErrExpired.
func (s *Service) Deny(ctx context.Context, d Denial, by Client) error {
	now := s.now()
	var err error
	if d.Purpose == PurposeNotMyRequest {
		err = s.denyRequest(ctx, d.ID, now, by)
	} else {
		err = s.denyChange(ctx, d.ID, now, by)
	}
	if errors.Is(err, ErrNotFound) {
		return ErrNoLink // purged
	}
	if err != nil {
		return fmt.Errorf("deny: %w", err)
	}
	s.wake()
	return nil
}

func (s *Service) denyRequest(ctx context.Context, id ID, now time.Time, by Client) error {
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return err
	}
	if now.Sub(r.CreatedAt) >= notMeLifetime {
		return ErrExpired
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		if err := tx.Revoke(ctx, id, now, RevokedNotMe); err != nil {
			return err
		}
		r, err = tx.Reset(ctx, id)
		return errors.Join(err, tx.Append(ctx, denied(id, now, by)))
	})
	if err == nil && !r.UsedAt.IsZero() {
		return ErrUsed
	}
	return err
}

func (s *Service) denyChange(ctx context.Context, id ID, now time.Time, by Client) error {
	notice, err := s.store.Delivery(ctx, id)
	if err != nil {
		return err
	}
	if now.Sub(notice.CreatedAt) >= notMeLifetime {
		return ErrExpired
	}
	return s.store.InTx(ctx, func(tx Tx) error {
		if notice.ResetID != (ID{}) {
			if err := tx.Append(ctx, denied(notice.ResetID, now, by)); err != nil {
				return err
			}
		}
		return s.shutOut(ctx, tx, notice, now, by)
	})
}

// shutOut ends all sessions and links that a stranger may have, and sends the
// account's owner a new link.
func (s *Service) shutOut(ctx context.Context, tx Tx, notice Delivery, now time.Time, by Client) error {
	a, err := tx.Account(ctx, notice.UserID)
	if err != nil {
		return err
	}
	if err := tx.RevokeAll(ctx, a.ID, now, RevokedNotMe); err != nil {
		return err
	}
	if err := tx.EndSessions(ctx, a, now); err != nil {
		return err
	}
	address, err := ParseAddress(a.Email)
	if err != nil || a.Email != notice.Recipient {
		return nil //nolint:nilerr // the address was changed, perhaps by the stranger
	}
	r, d := s.draft(now, a)
	r.Email, r.CreatedByIP, r.CreatedByAgent, r.RequestedBy = address.Normal, by.IP, by.Agent, RequestedByUser
	return tx.Insert(ctx, r, d)
}

func denied(id ID, now time.Time, by Client) Event {
	return Event{ResetID: id, At: now, Kind: EventNotMe, Actor: ActorUser, IP: by.IP, Agent: by.Agent}
}
