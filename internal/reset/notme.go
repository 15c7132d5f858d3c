package reset

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// notMeLifetime is how long "this wasn't me" can be said: people read mails
// late.
const notMeLifetime = 7 * 24 * time.Hour

// Denial is a "this wasn't me" that was checked: from which mail it comes, and
// what it is about.
type Denial struct {
	Purpose Purpose
	ID      ID
}

// VerifyDenial reads the token of a "this wasn't me" link, or returns ErrNoLink,
// without asking the database. It refuses the token of a reset link.
func (s *Service) VerifyDenial(token string) (Denial, error) {
	for _, p := range []Purpose{PurposeNotMyRequest, PurposeNotMyChange} {
		if id, err := s.keys.Verify(p, token); err == nil {
			return Denial{p, id}, nil
		}
	}
	return Denial{}, ErrNoLink
}

// Deny acts on a "this wasn't me". From the mail with a link it ends that link,
// or returns ErrUsed where it comes too late for that. From the mail that tells
// of a new password it ends all sessions and links of the account and, if its
// address is still the one that was told, sends a fresh link. Said twice, it
// does the same again. ErrExpired after seven days.
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
	told, err := s.store.Delivery(ctx, id)
	if err != nil {
		return err
	}
	if now.Sub(told.CreatedAt) >= notMeLifetime {
		return ErrExpired
	}
	return s.store.InTx(ctx, func(tx Tx) error {
		if told.ResetID != (ID{}) {
			if err := tx.Append(ctx, denied(told.ResetID, now, by)); err != nil {
				return err
			}
		}
		return s.shutOut(ctx, tx, told, now, by)
	})
}

// shutOut ends all sessions and links that a stranger may have, and gives the
// account's owner a way back.
func (s *Service) shutOut(ctx context.Context, tx Tx, told Delivery, now time.Time, by Client) error {
	a, err := tx.Account(ctx, told.UserID)
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
	if err != nil || a.Email != told.Recipient {
		return nil //nolint:nilerr // the address is another one by now: it may be the stranger's
	}
	r, d := s.draft(now, a)
	r.Email, r.CreatedByIP, r.CreatedByAgent, r.RequestedBy = address.Normal, by.IP, by.Agent, RequestedByUser
	return tx.Insert(ctx, r, d)
}

func denied(id ID, now time.Time, by Client) Event {
	return Event{ResetID: id, At: now, Kind: EventNotMe, Actor: ActorUser, IP: by.IP, Agent: by.Agent}
}
