package staff

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"resetd/internal/reset"
)

// Authorise puts on record what a member is about to do. Only if it returns nil
// may it be done. A role that is too low is ErrForbidden, a reason that is
// missing where one is wanted ErrNoReason; these are on record as refused.
func (s *Service) Authorise(ctx context.Context, m Member, action Action, target, reason string, by reset.Client) error {
	_, err := s.authorise(ctx, m, action, target, reason, by)
	return err
}

// SendLink mails a new link for the account of an earlier reset to the address
// that the account has, and returns the new reset. The address can't be chosen.
// ErrWithheld: the account is gone, inactive or has no local password.
func (s *Service) SendLink(ctx context.Context, m Member, id reset.ID, reason string, by reset.Client) (reset.ID, error) {
	e, err := s.authorise(ctx, m, SentLink, id.String(), reason, by)
	if err != nil {
		return reset.ID{}, err
	}
	made, err := s.resets.RequestAgain(ctx, id, m.Author(), by)
	return made, s.outcome(ctx, e, err)
}

// Revoke ends the link of a reset. The errors say what it was already:
// reset.ErrUsed, reset.ErrExpired, reset.ErrOtherUsed, reset.ErrRevoked, and
// reset.ErrNoLink where it was withheld.
func (s *Service) Revoke(ctx context.Context, m Member, id reset.ID, reason string, by reset.Client) error {
	e, err := s.authorise(ctx, m, Revoked, id.String(), reason, by)
	if err != nil {
		return err
	}
	return s.outcome(ctx, e, s.resets.RevokeBy(ctx, id, m.Author()))
}

// Author is how a member stands in the row of a reset.
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

// forbids says why a member may not do this; nil: they may.
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
