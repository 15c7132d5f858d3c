package reset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"resetd/internal/password"
)

// Use sets a new password by a link. Each link works once. The link is checked
// before the password is hashed, so dead links cost little. If the password is
// refused, Use returns *RefusedPassword and the link stays alive. If the same form
// arrives a second time, Use returns nil again, see repeated.
func (s *Service) Use(ctx context.Context, id ID, plain, again string, by Client) (err error) {
	defer func() { s.countUse(err) }()
	now := s.now()
	link, err := s.liveLink(ctx, id, now)
	if err != nil {
		return s.refuseUse(ctx, id, now, plain, by, err)
	}
	to, err := s.newPassword(ctx, link.Account, plain, again)
	if err != nil {
		return s.refuse(ctx, id, now, by, err)
	}
	err = s.apply(ctx, link, to, now, by)
	switch {
	case err == nil:
		s.wake()
		return nil
	case errors.Is(err, ErrAccountChanged):
		return s.refuseUse(ctx, id, now, plain, by, s.whyChanged(ctx, id, now, err))
	case errors.Is(err, ErrNotFound):
		return s.refuseUse(ctx, id, now, plain, by, s.whyDead(ctx, id, now))
	default:
		return fmt.Errorf("use link: %w", err)
	}
}

// RepeatTime is how long after a use the same form is answered like the first time:
// long enough for a double click and for a POST that the browser repeats because
// the answer was lost.
const RepeatTime = 2 * time.Minute

// refuseUse records a refused use, unless it repeats the use that succeeded.
func (s *Service) refuseUse(ctx context.Context, id ID, now time.Time, plain string, by Client, why error) error {
	if errors.Is(why, ErrUsed) {
		same, err := s.repeated(ctx, id, now, plain, by)
		if same || err != nil {
			return err
		}
	}
	return s.refuse(ctx, id, now, by, why)
}

// JustUsed reports whether a link was used from the client's IP address within the
// time in which Use answers the same form a second time. It needs no secret, and a used
// link sets no password.
func (s *Service) JustUsed(ctx context.Context, id ID, by Client) (bool, error) {
	r, err := s.store.Reset(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return r.justUsed(s.now(), by), err
}

func (r Reset) justUsed(now time.Time, by Client) bool {
	return !r.UsedAt.IsZero() && r.UsedByIP == by.IP.Unmap().WithZone("") && now.Sub(r.UsedAt) < RepeatTime
}

// repeated reports whether the password is the one that this link has just set,
// from the same IP address.
func (s *Service) repeated(ctx context.Context, id ID, now time.Time, plain string, by Client) (bool, error) {
	r, err := s.store.Reset(ctx, id)
	if err != nil || !r.justUsed(now, by) {
		return false, err
	}
	a, err := s.store.Account(ctx, r.UserID)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.passwords.Verify(ctx, password.ForReset, a.PasswordHash, plain)
}

// apply is the transaction of Use. SetPassword notices every change that the
// application made while the password was hashed.
func (s *Service) apply(ctx context.Context, seen Link, to NewPassword, now time.Time, by Client) error {
	if s.store.TwoDatabases() {
		return s.applyTwoDatabases(ctx, seen, to, now, by)
	}
	return s.store.InTx(ctx, func(tx Tx) error {
		r, err := tx.Use(ctx, seen.Reset.ID, now, by)
		if err != nil {
			return err
		}
		return s.setPassword(ctx, tx, seen.Account, to, now, Delivery{ResetID: r.ID, IP: by.IP, Agent: by.Agent})
	})
}

// applyTwoDatabases is apply for accounts in another database.
func (s *Service) applyTwoDatabases(ctx context.Context, seen Link, to NewPassword, now time.Time, by Client) error {
	c := s.newClaim(seen.Account, to, now, by)
	c.ResetID = seen.Reset.ID
	if seen.Reset.ExpiresAt.After(c.KeepUntil) {
		c.KeepUntil = seen.Reset.ExpiresAt
	}
	return s.setWithClaim(ctx, c, func(ctx context.Context, d Directory) (Account, error) {
		return seen.Account, d.SetPassword(ctx, seen.Account, to, now)
	})
}

// setPassword sets a password, ends the account's sessions and other links, forgets
// failed sign-ins, and queues the notice to its owner.
func (s *Service) setPassword(ctx context.Context, tx Tx, a Account, to NewPassword, now time.Time, notice Delivery) error {
	if err := tx.SetPassword(ctx, a, to, now); err != nil {
		return err
	}
	return s.recordChange(ctx, tx, a, now, notice)
}

// recordChange records that a password was set.
func (s *Service) recordChange(ctx context.Context, tx Tx, a Account, now time.Time, notice Delivery) error {
	if err := tx.RevokeAll(ctx, a.ID, now, endedBy(notice)); err != nil {
		return err
	}
	if _, err := s.clearSignIns(ctx, tx, a); err != nil {
		return err
	}
	return s.notify(ctx, tx, a, now, notice)
}

// notify queues the notice of a new password.
func (s *Service) notify(ctx context.Context, tx Tx, a Account, now time.Time, notice Delivery) error {
	notice.ID, notice.Kind, notice.UserID = newID(), KindPasswordChanged, a.ID
	notice.Recipient, notice.Locale = a.Email, a.Locale
	notice.CreatedAt, notice.NextAttemptAt = now, now
	return tx.Queue(ctx, notice)
}

// endedBy returns what ended the account's other links: the use of a link, or a
// change without a link.
func endedBy(notice Delivery) string {
	if notice.ResetID != (ID{}) {
		return RevokedOtherLink
	}
	return RevokedAccountChanged
}

// whyChanged returns why a use found its account changed. If the account is as it was
// now that the use is rolled back, the statements of the use changed it.
func (s *Service) whyChanged(ctx context.Context, id ID, now time.Time, seen error) error {
	_, err := s.liveLink(ctx, id, now)
	if err == nil {
		return fmt.Errorf("use link: %w: %w", ErrAccounts, seen)
	}
	return err
}

// whyDead returns why a link is dead that was alive a moment ago.
func (s *Service) whyDead(ctx context.Context, id ID, now time.Time) error {
	_, err := s.liveLink(ctx, id, now)
	if err == nil {
		return ErrAccountChanged
	}
	return err
}
