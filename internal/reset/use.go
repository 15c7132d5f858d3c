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
func (s *Service) Use(ctx context.Context, id ID, plain, again string, by Client) error {
	now := s.now()
	link, err := s.live(ctx, id, now)
	if err != nil {
		return s.refuseUse(ctx, id, now, plain, by, err)
	}
	hash, err := s.HashNew(ctx, link.Account, plain, again)
	if err != nil {
		return s.refuse(ctx, id, now, by, err)
	}
	err = s.apply(ctx, link, hash, now, by)
	switch {
	case err == nil:
		s.wake()
		return nil
	case errors.Is(err, ErrAccountChanged):
		return s.refuseUse(ctx, id, now, plain, by, s.revokeChanged(ctx, id, now))
	case errors.Is(err, ErrNotFound):
		return s.refuseUse(ctx, id, now, plain, by, s.whyDead(ctx, id, now))
	default:
		return fmt.Errorf("use link: %w", err)
	}
}

// repeatTime is how long after a use the same form is answered like the first time:
// long enough for a double click and for a POST that the browser repeats because
// the answer was lost.
const repeatTime = 2 * time.Minute

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
	return !r.UsedAt.IsZero() && r.UsedByIP == by.IP.Unmap().WithZone("") && now.Sub(r.UsedAt) < repeatTime
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

func (s *Service) check(a Account, plain, again string) []password.Problem {
	return s.policy.Check(plain, again, password.Person{Name: a.Name, Email: a.Email, Hash: a.PasswordHash})
}

// apply is the transaction of Use. It reads the account after it wrote to the
// account's row, which is locked then. So it notices every change that the
// application made while the password was hashed.
func (s *Service) apply(ctx context.Context, seen Link, hash string, now time.Time, by Client) error {
	if s.store.Apart() {
		return s.applyApart(ctx, seen, hash, now, by)
	}
	return s.store.InTx(ctx, func(tx Tx) error {
		r, err := tx.Use(ctx, seen.Reset.ID, now, by)
		if err != nil {
			return err
		}
		if err := s.setPassword(ctx, tx, seen.Account, hash, now, Delivery{ResetID: r.ID, IP: by.IP, Agent: by.Agent}); err != nil {
			return err
		}
		_, err = s.readBack(ctx, tx, seen)
		return err
	})
}

// applyApart is apply for accounts in another database.
func (s *Service) applyApart(ctx context.Context, seen Link, hash string, now time.Time, by Client) error {
	c := s.newClaim(seen.Account, hash, now, by)
	c.ResetID = seen.Reset.ID
	if seen.Reset.ExpiresAt.After(c.KeepUntil) {
		c.KeepUntil = seen.Reset.ExpiresAt
	}
	return s.claimed(ctx, c, func(ctx context.Context, d Directory) (Account, error) {
		if err := d.SetPassword(ctx, seen.Account, hash, now); err != nil {
			return Account{}, err
		}
		return s.readBack(ctx, d, seen)
	})
}

// readBack returns the account after its password was set, or ErrAccountChanged.
func (s *Service) readBack(ctx context.Context, d Directory, seen Link) (Account, error) {
	a, err := d.Account(ctx, seen.Account.ID)
	if errors.Is(err, ErrNotFound) {
		return Account{}, ErrAccountChanged
	}
	if err != nil {
		return Account{}, err
	}
	before := a
	before.PasswordHash = seen.Account.PasswordHash // SetPassword compared it
	if !s.unchanged(seen.Reset, before) {
		return Account{}, ErrAccountChanged
	}
	return a, nil
}

// setPassword sets a password, ends the account's sessions and other links, forgets
// failed sign-ins, and queues the notice to its owner.
func (s *Service) setPassword(ctx context.Context, tx Tx, a Account, hash string, now time.Time, notice Delivery) error {
	if err := tx.SetPassword(ctx, a, hash, now); err != nil {
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

// whyDead returns why a link is dead that was alive a moment ago.
func (s *Service) whyDead(ctx context.Context, id ID, now time.Time) error {
	_, err := s.live(ctx, id, now)
	if err == nil {
		return ErrAccountChanged
	}
	return err
}
