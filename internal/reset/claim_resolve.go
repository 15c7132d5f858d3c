package reset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// ResolveClaims resolves the claims that requests left behind. Each instance calls it
// every few seconds.
func (s *Service) ResolveClaims(ctx context.Context) error {
	left, err := s.store.LeftClaims(ctx, s.now())
	if err != nil {
		return fmt.Errorf("find claims: %w", err)
	}
	for _, c := range left {
		if err := s.resolve(ctx, c); err != nil {
			return fmt.Errorf("resolve claim: %w", err)
		}
	}
	return nil
}

// resolve finds out from the account what became of a claim. With the old hash nothing
// was set yet: the link stays valid, and the claim is kept to recognise a late commit.
func (s *Service) resolve(ctx context.Context, c Claim) error {
	a, err := s.store.Account(ctx, c.UserID)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return err
	case err == nil && s.keys.SameHash(c.NewHash, a.PasswordHash):
		return s.finishLeft(ctx, c, a)
	case err != nil, !s.keys.SameHash(c.OldHash, a.PasswordHash):
		if err := s.finishClaims(ctx, a); err != nil { // perhaps another claim of this link has set the password
			return err
		}
		return s.recordUnknown(ctx, c, a)
	case s.now().After(c.KeepUntil):
		return ignoreNotFound(s.store.RemoveClaim(ctx, c.ID))
	default:
		return nil
	}
}

// finishClaims finishes the claims whose password is set. It comes before anything that
// depends on the account's hash, so that a link that has set it is used, not revoked.
func (s *Service) finishClaims(ctx context.Context, a Account) error {
	if !s.store.TwoDatabases() {
		return nil
	}
	claims, err := s.store.ClaimsOf(ctx, a.ID)
	if err != nil {
		return err
	}
	for _, c := range claims {
		if !s.keys.SameHash(c.NewHash, a.PasswordHash) {
			continue
		}
		if err := s.finishLeft(ctx, c, a); err != nil {
			return err
		}
	}
	return nil
}

// finishLeft is finishClaim for a claim that another request left. The notice of a use goes
// to the address that got the link.
func (s *Service) finishLeft(ctx context.Context, c Claim, a Account) error {
	if c.ResetID != (ID{}) {
		email, err := s.store.Recipient(ctx, c.ResetID)
		a.Email = cmp.Or(email, a.Email)
		return errors.Join(err, s.finishClaim(ctx, c, a))
	}
	notice, err := s.store.Delivery(ctx, c.NoticeID)
	if err != nil {
		return ignoreNotFound(err)
	}
	if a.Email != notice.Recipient {
		if a, err = addressed(ctx, s.store, a.ID, notice.Recipient); err != nil {
			return err
		}
	}
	return s.finishClaim(ctx, c, a)
}

// finishClaim records that a claim has set the password. After a "this wasn't me", the zero
// Account gets no link.
func (s *Service) finishClaim(ctx context.Context, c Claim, a Account) error {
	err := s.store.InBatch(ctx, func(tx Tx) error {
		if err := errors.Join(tx.RemoveClaim(ctx, c.ID), tx.DropRivals(ctx, c)); err != nil {
			return err
		}
		if c.ResetID == (ID{}) {
			return s.finishRescue(ctx, tx, c, a)
		}
		if err := tx.UseClaimed(ctx, c); err != nil {
			return err
		}
		return s.recordChange(ctx, tx, a, c.At, Delivery{ResetID: c.ResetID, IP: c.By.IP, Agent: c.By.Agent})
	})
	s.wake()
	return ignoreNotFound(err)
}

func (s *Service) finishRescue(ctx context.Context, tx Tx, c Claim, a Account) error {
	notice, err := tx.Delivery(ctx, c.NoticeID)
	if err != nil {
		return err
	}
	return s.recordRescue(ctx, tx, notice, func() (Account, error) { return a, nil }, c.At, c.By)
}

// recordUnknown records that a password may have been set: somebody else changed it since,
// or the account was deleted.
func (s *Service) recordUnknown(ctx context.Context, c Claim, a Account) error {
	now := s.now()
	err := s.store.InBatch(ctx, func(tx Tx) error {
		if err := removeWithRivals(ctx, tx, c, now); err != nil {
			return err
		}
		e := Event{ResetID: c.ResetID, At: now, Kind: EventOutcomeUnknown, Actor: ActorUser, IP: c.By.IP, Agent: c.By.Agent}
		if c.ResetID == (ID{}) {
			e.UserID = c.UserID
			return tx.Append(ctx, e)
		}
		if err := errors.Join(tx.Revoke(ctx, c.ResetID, now, RevokedAccountChanged), tx.Append(ctx, e)); err != nil || a.ID == "" {
			return err
		}
		return s.notify(ctx, tx, a, now, Delivery{ResetID: c.ResetID, IP: c.By.IP, Agent: c.By.Agent})
	})
	s.wake()
	if errors.Is(err, ErrClaimed) {
		return nil // the end of that hold is soon enough for the report
	}
	return ignoreNotFound(err)
}

// removeWithRivals removes a claim, and those that other processes left for the same link or
// notice: their outcomes are unknown too, and one report is enough. It returns ErrClaimed
// if one of them is still held.
func removeWithRivals(ctx context.Context, tx Tx, c Claim, now time.Time) error {
	if err := tx.RemoveClaim(ctx, c.ID); err != nil {
		return err
	}
	all, err := tx.ClaimsOf(ctx, c.UserID)
	for _, other := range all {
		switch {
		case other.ResetID != c.ResetID || other.NoticeID != c.NoticeID:
		case other.HeldUntil.After(now):
			return ErrClaimed
		default:
			err = errors.Join(err, ignoreNotFound(tx.RemoveClaim(ctx, other.ID)))
		}
	}
	return err
}
