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
