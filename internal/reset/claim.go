package reset

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Claim is the permission to set a password while the accounts are in another database
// than the record, so that one transaction can't do both. A claim is stored before the
// password is set, and removed by the transaction that records the outcome. If the
// process dies in between, any instance resolves what it left, see resolve.
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
	// RemoveClaim removes a claim, or returns ErrNotFound: exactly one of several
	// concurrent calls succeeds.
	RemoveClaim(ctx context.Context, id ID) error
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
// account for finishClaim.
type setter func(context.Context, Directory) (Account, error)

// setWithClaim sets a password in three steps: the record stores the claim, the accounts'
// transaction runs set, and the record stores the outcome. The last two go on if the
// visitor has gone.
func (s *Service) setWithClaim(ctx context.Context, c Claim, set setter) error {
	if err := s.storeClaim(ctx, &c); err != nil {
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
			return s.finishClaim(ctx, c, a)
		case errors.Is(err, ErrUncertain):
			return s.store.ReleaseClaim(ctx, c.ID)
		default:
			return ignoreNotFound(s.store.RemoveClaim(ctx, c.ID))
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

// storeClaim stores a claim. It waits while another request holds one.
func (s *Service) storeClaim(ctx context.Context, c *Claim) error {
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
