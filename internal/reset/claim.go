package reset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Claim is the permission to set a password while the accounts are in another database
// than the record, so that one transaction can't do both. A claim is stored before the
// password is set, and removed by the transaction that records the outcome. If the
// process dies in between, any instance settles what it left, see settle.
type Claim struct {
	ID       ID
	ResetID  ID // of the link that is used; zero for a "this wasn't me"
	NoticeID ID // of the notice with the "this wasn't me"; zero for a link
	UserID   string
	At       time.Time
	By       Client
	OldHash  string // keyed digest of the account's password hash, see Keys.HashDigest
	NewHash  string // the same of the hash that replaces it

	HeldUntil time.Time // no other request gets a claim until then; zero: given up
	KeepUntil time.Time // a late commit is recognised until then
}

// Claims is the table of claims.
type Claims interface {
	// AddClaim stores a claim. It returns ErrNotFound if its link is not alive, or its
	// notice can't be denied, and ErrClaimed if another claim for it is held at c.At.
	AddClaim(ctx context.Context, c Claim) error
	// ClaimsOf returns all claims for an account.
	ClaimsOf(ctx context.Context, userID string) ([]Claim, error)
	// LeftClaims returns the claims that nobody holds at now.
	LeftClaims(ctx context.Context, now time.Time) ([]Claim, error)
	// ReleaseClaim ends the hold.
	ReleaseClaim(ctx context.Context, id ID) error
	// TakeClaim removes a claim, or returns ErrNotFound: exactly one of several
	// concurrent calls succeeds.
	TakeClaim(ctx context.Context, id ID) error
	// DropRivals removes the claims of an account that would replace the same hash. If
	// one claim has replaced it, the others can't.
	DropRivals(ctx context.Context, c Claim) error
	// UseClaimed marks the reset of a claim as used, even if it has ended since.
	UseClaimed(ctx context.Context, c Claim) error
}

const (
	// stepTime limits each of the two steps after the claim.
	stepTime = 5 * time.Second
	// claimTime is how long a claim is held: longer than the accounts' transaction, and so
	// short that a person who tries again after a crash gets an answer.
	claimTime = stepTime + time.Second
	// claimPoll is how often a request for a held claim looks again.
	claimPoll = 50 * time.Millisecond
	// keepTime is how long a claim is kept at least.
	keepTime = 10 * time.Minute
)

// newClaim returns the claim to replace an account's hash.
func (s *Service) newClaim(a Account, to NewPassword, now time.Time, by Client) Claim {
	return Claim{
		ID: newID(), UserID: a.ID, At: now, By: by, KeepUntil: now.Add(keepTime),
		OldHash: s.keys.HashDigest(a.PasswordHash), NewHash: s.keys.HashDigest(to.Hash),
	}
}

// setter is what a claim permits, in a transaction of the accounts. It returns the
// account for finish.
type setter func(context.Context, Directory) (Account, error)

// claimed sets a password in three steps: the record stores the claim, the accounts'
// transaction runs set, and the record stores the outcome. The last two go on if the
// visitor has gone.
func (s *Service) claimed(ctx context.Context, c Claim, set setter) error {
	if err := s.hold(ctx, &c); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	var a Account
	err := within(ctx, func(ctx context.Context) error {
		return s.store.InAccounts(ctx, func(d Directory) (err error) {
			a, err = set(ctx, d)
			return err
		})
	})
	return errors.Join(err, within(ctx, func(ctx context.Context) error {
		switch {
		case err == nil:
			return s.finish(ctx, c, a)
		case errors.Is(err, ErrUncertain):
			return s.store.ReleaseClaim(ctx, c.ID)
		default:
			return ignoreTaken(s.store.TakeClaim(ctx, c.ID))
		}
	}))
}

// within limits a step. No visitor can cancel it, so a cancelled statement took too long.
func within(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	err := f(ctx)
	switch {
	case !errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, ErrUncertain):
		return ErrUncertain
	default:
		return ErrUnavailable
	}
}

// hold stores a claim. It waits while another request holds one.
func (s *Service) hold(ctx context.Context, c *Claim) error {
	for ; ; c.At = s.now() {
		c.HeldUntil = c.At.Add(claimTime)
		err := s.store.InTx(ctx, func(tx Tx) error { return tx.AddClaim(ctx, *c) })
		if !errors.Is(err, ErrClaimed) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: another request is setting the password", ErrUnavailable)
		case <-time.After(claimPoll):
		}
	}
}

// SettleClaims settles the claims that requests left behind. Each instance calls it
// every few seconds.
func (s *Service) SettleClaims(ctx context.Context) error {
	left, err := s.store.LeftClaims(ctx, s.now())
	if err != nil {
		return fmt.Errorf("find claims: %w", err)
	}
	for _, c := range left {
		if err := s.settle(ctx, c); err != nil {
			return fmt.Errorf("settle claim: %w", err)
		}
	}
	return nil
}

// settle finds out from the account what became of a claim. With the old hash nothing
// was set yet: the link stays valid, and the claim is kept to recognise a late commit.
func (s *Service) settle(ctx context.Context, c Claim) error {
	a, err := s.store.Account(ctx, c.UserID)
	switch {
	case err != nil && !errors.Is(err, ErrNotFound):
		return err
	case err == nil && s.keys.SameHash(c.NewHash, a.PasswordHash):
		return s.finishFound(ctx, c, a)
	case err != nil, !s.keys.SameHash(c.OldHash, a.PasswordHash):
		return s.unknown(ctx, c, a)
	case s.now().After(c.KeepUntil):
		return ignoreTaken(s.store.TakeClaim(ctx, c.ID))
	default:
		return nil
	}
}

// finishSet finishes the claims whose password is set. It comes before anything that
// depends on the account's hash, so that a link that has set it is used, not revoked.
func (s *Service) finishSet(ctx context.Context, a Account) error {
	if !s.store.Apart() {
		return nil
	}
	claims, err := s.store.ClaimsOf(ctx, a.ID)
	for _, c := range claims {
		if err == nil && s.keys.SameHash(c.NewHash, a.PasswordHash) {
			err = s.finishFound(ctx, c, a)
		}
	}
	return err
}

// finishFound is finish for a claim that another request made. The notice of a use goes
// to the address that got the link.
func (s *Service) finishFound(ctx context.Context, c Claim, a Account) error {
	if c.ResetID != (ID{}) {
		email, err := s.store.Recipient(ctx, c.ResetID)
		a.Email = cmp.Or(email, a.Email)
		return errors.Join(err, s.finish(ctx, c, a))
	}
	notice, err := s.store.Delivery(ctx, c.NoticeID)
	if err != nil {
		return ignoreTaken(err)
	}
	if a.Email != notice.Recipient {
		if a, err = addressed(ctx, s.store, a.ID, notice.Recipient); err != nil {
			return err
		}
	}
	return s.finish(ctx, c, a)
}

// finish records that a claim has set the password. After a "this wasn't me", the zero
// Account gets no link.
func (s *Service) finish(ctx context.Context, c Claim, a Account) error {
	err := s.store.InBatch(ctx, func(tx Tx) error {
		if err := errors.Join(tx.TakeClaim(ctx, c.ID), tx.DropRivals(ctx, c)); err != nil {
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
	return ignoreTaken(err)
}

func (s *Service) finishRescue(ctx context.Context, tx Tx, c Claim, a Account) error {
	notice, err := tx.Delivery(ctx, c.NoticeID)
	if err != nil {
		return err
	}
	return s.recordRescue(ctx, tx, notice, func() (Account, error) { return a, nil }, c.At, c.By)
}

// unknown records that a password may have been set: somebody else changed it since,
// or the account was deleted.
func (s *Service) unknown(ctx context.Context, c Claim, a Account) error {
	now := s.now()
	err := s.store.InBatch(ctx, func(tx Tx) error {
		if err := tx.TakeClaim(ctx, c.ID); err != nil {
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
	return ignoreTaken(err)
}

// ignoreTaken drops the error for a claim that another process has settled.
func ignoreTaken(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
