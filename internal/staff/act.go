package staff

import (
	"context"
	"fmt"

	"resetd/internal/reset"
)

// Request is a link that a member sends.
type Request struct {
	Shown      string // the address to which the page promised to send it; empty: none
	Unverified bool   // the member confirms that the caller was not verified
}

// SendLink sends a new link for the account of an earlier reset to the account's
// stored address, and returns the new reset. The member can't choose the address.
// ErrWithheld: the account is deleted, inactive or has no local password.
// reset.ErrMoved: the address is not the one that was shown.
// ErrUnverified: the caller was not verified, and the member did not confirm this.
func (s *Service) SendLink(ctx context.Context, by Actor, id reset.ID, r Request) (reset.ID, error) {
	userID := ""
	if s.checks != ChecksOff {
		var err error
		if userID, err = s.resets.AccountOf(ctx, id); err != nil {
			return reset.ID{}, err
		}
	}
	e, err := s.authoriseSend(ctx, by, SentLink, id.String(), userID, r)
	if err != nil {
		return reset.ID{}, err
	}
	made, err := s.resets.RequestAgain(ctx, id, r.Shown, by.Author(), by.From)
	return made, s.recordFailure(ctx, e, err)
}

// SendLinkTo sends a new link to the stored address of an account, which need not have
// requested one before. It returns reset.ErrNotFound, reset.ErrMoved, ErrWithheld or ErrUnverified.
func (s *Service) SendLinkTo(ctx context.Context, by Actor, userID string, r Request) (reset.ID, error) {
	e, err := s.authoriseSend(ctx, by, SentLinkTo, userID, userID, r)
	if err != nil {
		return reset.ID{}, err
	}
	made, err := s.resets.RequestFor(ctx, userID, r.Shown, by.Author(), by.From)
	return made, s.recordFailure(ctx, e, err)
}

// Revoke ends the link of a reset. For a dead link it returns reset.ErrUsed,
// reset.ErrExpired, reset.ErrOtherUsed, reset.ErrRevoked or, if the link was
// withheld, reset.ErrNoLink.
func (s *Service) Revoke(ctx context.Context, by Actor, id reset.ID) error {
	return s.do(ctx, by, by.entry(Revoked, id.String()), func() error { return s.resets.RevokeBy(ctx, id, by.Author()) })
}

// RevokeAll ends all links of an account that still work.
func (s *Service) RevokeAll(ctx context.Context, by Actor, userID string) error {
	return s.act(ctx, by, RevokedAll, userID, func() error { return s.resets.RevokeAllBy(ctx, userID, by.Author()) })
}

// Unlock lifts the locks of an account's sign-in. It returns reset.ErrNotFound if
// there is no such account.
func (s *Service) Unlock(ctx context.Context, by Actor, userID string) error {
	return s.act(ctx, by, Unlocked, userID, func() error { return s.resets.Unlock(ctx, userID, by.Author(), by.From) })
}

// EndSessions signs a built-in account out everywhere.
func (s *Service) EndSessions(ctx context.Context, by Actor, userID string) error {
	return s.act(ctx, by, EndedSessions, userID, func() error {
		if s.accounts == nil {
			return ErrForeign
		}
		return s.resets.EndSessions(ctx, userID, by.Author(), by.From)
	})
}

// SetUserActive enables a built-in account, or disables it and ends its sessions and
// links.
func (s *Service) SetUserActive(ctx context.Context, by Actor, userID string, active bool) error {
	action := DisabledUser
	if active {
		action = EnabledUser
	}
	return s.act(ctx, by, action, userID, func() error {
		if s.accounts == nil {
			return ErrForeign
		}
		return s.accounts.SetActive(ctx, userID, active, s.now(), by.Author(), by.From)
	})
}

// Note leaves a note about an account for colleagues. The note is the reason.
func (s *Service) Note(ctx context.Context, by Actor, userID string) error {
	return s.act(ctx, by, Noted, userID, func() error { return nil })
}

// mostNotes is how many notes a page shows apart from the timeline.
const mostNotes = 3

// Notes returns the newest notes about an account.
func (s *Service) Notes(ctx context.Context, userID string) ([]Entry, error) {
	notes, err := s.store.Notes(ctx, userID, mostNotes)
	if err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	return notes, nil
}

// act records an action for the owner of an account, then runs it. The entry has whether
// the caller was verified.
func (s *Service) act(ctx context.Context, by Actor, action Action, userID string, do func() error) error {
	e := by.entry(action, userID)
	e.Caller = s.verified(ctx, by, userID)
	return s.do(ctx, by, e, do)
}
