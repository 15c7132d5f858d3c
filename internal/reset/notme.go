package reset

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// NotMeLifetime is how long a "this wasn't me" link works. People read email late.
const NotMeLifetime = 7 * 24 * time.Hour

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

// Deniable returns why a "this wasn't me" can't do anything any more: ErrExpired after seven
// days, ErrGone if what it is about is not on record. What else ended it, Deny tells.
func (s *Service) Deniable(ctx context.Context, d Denial) error {
	var since time.Time
	var err error
	if d.Purpose == PurposeNotMyRequest {
		var r Reset
		r, err = s.store.Reset(ctx, d.ID)
		since = r.CreatedAt
	} else {
		var notice Delivery
		notice, err = s.store.Delivery(ctx, d.ID)
		since = notice.CreatedAt
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return ErrGone
	case err != nil:
		return fmt.Errorf("read what is denied: %w", err)
	case s.now().Sub(since) >= NotMeLifetime:
		return ErrExpired
	default:
		return nil
	}
}

// Deny acts on a "this wasn't me". If it comes from the email with a reset link, that
// link is revoked; ErrUsed and ErrOtherUsed mean that this or another link was used
// before. If it comes from the notice of a new password, see rescue. A repeated call
// returns the same. After seven days it returns ErrExpired.
func (s *Service) Deny(ctx context.Context, d Denial, by Client) (Rescue, error) {
	now := s.now()
	var done Rescue
	var err error
	if d.Purpose == PurposeNotMyRequest {
		err = s.denyRequest(ctx, d.ID, now, by)
	} else {
		done, err = s.denyChange(ctx, d.ID, now, by)
	}
	if errors.Is(err, ErrNotFound) {
		return Rescue{}, ErrGone
	}
	if err != nil {
		return Rescue{}, fmt.Errorf("deny: %w", err)
	}
	s.wake()
	return done, nil
}

func (s *Service) denyRequest(ctx context.Context, id ID, now time.Time, by Client) error {
	r, err := s.store.Reset(ctx, id)
	if err != nil {
		return err
	}
	if now.Sub(r.CreatedAt) >= NotMeLifetime {
		return ErrExpired
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		if err := tx.Revoke(ctx, id, now, RevokedNotMe); err != nil {
			return err
		}
		if r, err = tx.Reset(ctx, id); err != nil {
			return err
		}
		if err := s.clearRequests(ctx, tx, r, now); err != nil {
			return err
		}
		return tx.Append(ctx, notMe(Event{ResetID: id, UserID: r.UserID}, now, by))
	})
	switch {
	case err != nil:
		return err
	case !r.UsedAt.IsZero():
		return ErrUsed
	case r.RevokedBy == RevokedOtherLink: // whoever denies this link may not know of the other one
		return ErrOtherUsed
	}
	return nil
}

// clearRequests forgets the requests for an address if a denial has just ended the link of
// one. Otherwise a stranger's requests would leave the owner, who ends their links, without
// a link until the limit ends.
func (s *Service) clearRequests(ctx context.Context, tx Tx, r Reset, now time.Time) error {
	if s.requests == nil || r.RequestedBy != RequestedByUser || r.RevokedBy != RevokedNotMe || !r.RevokedAt.Equal(now) {
		return nil
	}
	return tx.ClearRequests(ctx, s.requests(Canonical(r.Email)))
}

func notMe(e Event, now time.Time, by Client) Event {
	e.At, e.Kind, e.Actor, e.IP, e.Agent = now, EventNotMe, ActorUser, by.IP, by.Agent
	return e
}
