package staff

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"resetd/internal/reset"
)

// Authorise records what a member is about to do. The action is allowed only if
// Authorise returns nil. If the role is too low it returns ErrForbidden, and if a
// required reason is missing ErrNoReason or, if it is too long, ErrLongReason. Refusals
// are recorded too.
func (s *Service) Authorise(ctx context.Context, m Member, action Action, target, reason string, by reset.Client) error {
	_, err := s.authorise(ctx, m, action, target, reason, by)
	return err
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
	e, err := s.authorise(ctx, m, Revoked, id.String(), reason, by)
	if err != nil {
		return err
	}
	return s.outcome(ctx, e, s.resets.RevokeBy(ctx, id, m.Author()))
}

// Author returns a member's name in the form of a reset's row.
func (m Member) Author() string { return "staff:" + m.Name }

func (s *Service) authorise(ctx context.Context, m Member, action Action, target, reason string, by reset.Client) (Entry, error) {
	return s.authoriseEntry(ctx, m, Entry{Action: action, Target: target, Reason: reason, IP: by.IP, Agent: by.Agent}, nil)
}

// authoriseEntry records an entry of a member. The action is refused if the role forbids
// it, for want of a reason, or because of refused.
func (s *Service) authoriseEntry(ctx context.Context, m Member, e Entry, refused error) (Entry, error) {
	e.Member, e.Role, e.Reason = m.Name, m.Role, unixLines.Replace(strings.TrimSpace(e.Reason))
	why := forbids(m, e.Action, e.Reason)
	if why == nil {
		why = refused
	}
	if why != nil {
		e.Refused = why.Error()
	}
	if err := s.record(ctx, e); err != nil {
		return e, err
	}
	return e, why
}

// unixLines replaces the line breaks that browsers send, which would count twice.
var unixLines = strings.NewReplacer("\r\n", "\n")

// forbids returns why a member may not do this; nil if the action is allowed.
func forbids(m Member, action Action, reason string) error {
	switch {
	case !m.Active || !May(m.Role, action):
		return ErrForbidden
	case !slices.Contains(wantsReason, action):
		return nil
	case reason == "":
		return ErrNoReason
	case utf8.RuneCountInString(reason) > MaxReason:
		return ErrLongReason
	default:
		return nil
	}
}
