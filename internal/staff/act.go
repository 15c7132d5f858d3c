package staff

import (
	"context"

	"resetd/internal/reset"
)

// SendLinkTo sends a new link to the stored address of an account, which need not have
// requested one before. It returns reset.ErrNotFound, reset.ErrMoved, ErrWithheld or ErrUnverified.
func (s *Service) SendLinkTo(ctx context.Context, m Member, userID string, r Request) (reset.ID, error) {
	e, err := s.authoriseSend(ctx, m, SentLinkTo, userID, userID, r)
	if err != nil {
		return reset.ID{}, err
	}
	made, err := s.resets.RequestFor(ctx, userID, r.Shown, m.Author(), r.By)
	return made, s.outcome(ctx, e, err)
}

// RevokeAll ends all links of an account that still work.
func (s *Service) RevokeAll(ctx context.Context, m Member, userID, reason string, by reset.Client) error {
	return s.act(ctx, m, RevokedAll, userID, reason, by, func() error { return s.resets.RevokeAllBy(ctx, userID, m.Author()) })
}

// Unlock lifts the locks of an account's sign-in. It returns reset.ErrNotFound if
// there is no such account.
func (s *Service) Unlock(ctx context.Context, m Member, userID, reason string, by reset.Client) error {
	return s.act(ctx, m, Unlocked, userID, reason, by, func() error { return s.resets.Unlock(ctx, userID, m.Author(), by) })
}

// EndSessions signs a built-in account out everywhere.
func (s *Service) EndSessions(ctx context.Context, m Member, userID, reason string, by reset.Client) error {
	return s.act(ctx, m, EndedSessions, userID, reason, by, func() error {
		if s.accounts == nil {
			return ErrForeign
		}
		return s.resets.EndSessions(ctx, userID, m.Author(), by)
	})
}

// SetUserActive enables a built-in account, or disables it and ends its sessions and
// links.
func (s *Service) SetUserActive(ctx context.Context, m Member, userID string, active bool, reason string, by reset.Client) error {
	action := DisabledUser
	if active {
		action = EnabledUser
	}
	return s.act(ctx, m, action, userID, reason, by, func() error {
		if s.accounts == nil {
			return ErrForeign
		}
		return s.accounts.SetActive(ctx, userID, active, s.now(), m.Author(), by)
	})
}

// Note leaves a note about an account for colleagues. The note is the reason.
func (s *Service) Note(ctx context.Context, m Member, userID, note string, by reset.Client) error {
	return s.act(ctx, m, Noted, userID, note, by, func() error { return nil })
}

// act records an action of a member on an account, then runs it.
func (s *Service) act(ctx context.Context, m Member, action Action, userID, reason string, by reset.Client, do func() error) error {
	e := Entry{Action: action, Target: userID, Reason: reason, IP: by.IP, Agent: by.Agent}
	if action != MailedCode && action != TypedCode {
		e.Caller = s.verified(ctx, m, userID)
	}
	e, err := s.authoriseEntry(ctx, m, e, nil)
	if err != nil {
		return err
	}
	return s.outcome(ctx, e, do())
}

// Request is why a member sends a link, and from where.
type Request struct {
	Reason     string
	Shown      string // the address to which the page promised to send it; empty: none
	Unverified bool   // the member confirms that the caller was not verified
	By         reset.Client
}

// SendLink sends a new link for the account of an earlier reset to the account's
// stored address, and returns the new reset. The member can't choose the address.
// ErrWithheld: the account is deleted, inactive or has no local password.
// reset.ErrMoved: the address is not the one that was shown.
// ErrUnverified: the caller was not verified, and the member did not confirm this.
func (s *Service) SendLink(ctx context.Context, m Member, id reset.ID, r Request) (reset.ID, error) {
	userID := ""
	if s.checks != ChecksOff {
		var err error
		if userID, err = s.resets.AccountOf(ctx, id); err != nil {
			return reset.ID{}, err
		}
	}
	e, err := s.authoriseSend(ctx, m, SentLink, id.String(), userID, r)
	if err != nil {
		return reset.ID{}, err
	}
	made, err := s.resets.RequestAgain(ctx, id, r.Shown, m.Author(), r.By)
	return made, s.outcome(ctx, e, err)
}

// Revoke ends the link of a reset. For a dead link it returns reset.ErrUsed,
// reset.ErrExpired, reset.ErrOtherUsed, reset.ErrRevoked or, if the link was
// withheld, reset.ErrNoLink.
func (s *Service) Revoke(ctx context.Context, m Member, id reset.ID, reason string, by reset.Client) error {
	return s.act(ctx, m, Revoked, id.String(), reason, by, func() error { return s.resets.RevokeBy(ctx, id, m.Author()) })
}
