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
// required reason is missing ErrNoReason. Refusals are recorded too.
func (s *Service) Authorise(ctx context.Context, m Member, action Action, target, reason string, by reset.Client) error {
	_, err := s.authorise(ctx, m, action, target, reason, by)
	return err
}

// SendLink sends a new link for the account of an earlier reset to the account's
// stored address, and returns the new reset. The member can't choose the address.
// ErrWithheld: the account is deleted, inactive or has no local password.
func (s *Service) SendLink(ctx context.Context, m Member, id reset.ID, reason string, by reset.Client) (reset.ID, error) {
	e, err := s.authorise(ctx, m, SentLink, id.String(), reason, by)
	if err != nil {
		return reset.ID{}, err
	}
	made, err := s.resets.RequestAgain(ctx, id, m.Author(), by)
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
	reason = strings.TrimSpace(reason)
	e := Entry{Member: m.Name, Role: m.Role, Action: action, Target: target, Reason: reason, IP: by.IP, Agent: by.Agent}
	why := forbids(m, action, reason)
	if why != nil {
		e.Refused = why.Error()
	}
	if err := s.record(ctx, e); err != nil {
		return e, err
	}
	return e, why
}

// forbids returns why a member may not do this; nil if the action is allowed.
func forbids(m Member, action Action, reason string) error {
	switch {
	case !m.Active || !May(m.Role, action):
		return ErrForbidden
	case slices.Contains(wantsReason, action) && (reason == "" || utf8.RuneCountInString(reason) > MaxReason):
		return ErrNoReason
	default:
		return nil
	}
}
