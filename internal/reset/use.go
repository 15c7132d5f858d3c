package reset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"resetd/internal/password"
)

// Use sets a new password by a link, once. The link is looked at before
// anything is hashed, so that dead links cost next to nothing. A password that
// is refused leaves the link alive and comes back as *RefusedPassword.
func (s *Service) Use(ctx context.Context, id ID, plain, again string, by Client) error {
	now := s.now()
	link, err := s.live(ctx, id, now)
	if err != nil {
		return s.refuse(ctx, id, now, by, err)
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
		return s.refuse(ctx, id, now, by, s.revokeChanged(ctx, id, now))
	case errors.Is(err, ErrNotFound):
		return s.refuse(ctx, id, now, by, s.lost(ctx, id, now))
	default:
		return fmt.Errorf("use link: %w", err)
	}
}

func (s *Service) check(a Account, plain, again string) []password.Problem {
	return s.policy.Check(plain, again, password.Person{Name: a.Name, Email: a.Email, Hash: a.PasswordHash})
}

// apply is the use itself, all or nothing. The account is read again after its
// row was written to, and so can't change any more: what the application changed
// while the password was hashed is seen, whatever it was.
func (s *Service) apply(ctx context.Context, seen Link, hash string, now time.Time, by Client) error {
	return s.store.InTx(ctx, func(tx Tx) error {
		r, err := tx.Use(ctx, seen.Reset.ID, now, by)
		if err != nil {
			return err
		}
		if err := s.setPassword(ctx, tx, seen.Account, hash, now, Delivery{ResetID: r.ID, IP: by.IP, Agent: by.Agent}); err != nil {
			return err
		}
		a, err := tx.Account(ctx, r.UserID)
		if errors.Is(err, ErrNotFound) {
			return ErrAccountChanged
		}
		if err != nil {
			return err
		}
		a.PasswordHash = seen.Account.PasswordHash // compared when it was replaced
		if !s.unchanged(r, a) {
			return ErrAccountChanged
		}
		return nil
	})
}

// setPassword is what every change of a password brings with it: the account's
// sessions end, its other links die, its owner is told.
func (s *Service) setPassword(ctx context.Context, tx Tx, a Account, hash string, now time.Time, notice Delivery) error {
	if err := tx.SetPassword(ctx, a, hash, now); err != nil {
		return err
	}
	if err := tx.RevokeAll(ctx, a.ID, now, endedBy(notice)); err != nil {
		return err
	}
	notice.ID, notice.Kind, notice.UserID = newID(), KindPasswordChanged, a.ID
	notice.Recipient, notice.Locale = a.Email, a.Locale
	notice.CreatedAt, notice.NextAttemptAt = now, now
	return tx.Queue(ctx, notice)
}

// endedBy is what ends the account's other links: the use of a link, or a change
// without one.
func endedBy(notice Delivery) string {
	if notice.ResetID != (ID{}) {
		return RevokedOtherLink
	}
	return RevokedAccountChanged
}

// lost says what became of a link that was alive a moment ago.
func (s *Service) lost(ctx context.Context, id ID, now time.Time) error {
	_, err := s.live(ctx, id, now)
	if err == nil {
		return ErrAccountChanged
	}
	return err
}
