package staff

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"resetd/internal/reset"
)

// Actor is who acts and why: a signed-in member, or the operator. The zero Actor may do
// nothing.
type Actor struct {
	Member
	Reason   string
	From     reset.Client
	ShownTo  string // the name of the member whom the form was shown to; empty: unknown
	operator bool
}

// Author returns the actor's name in the form of a reset's row.
func (a Actor) Author() string {
	if a.operator {
		return reset.ActorOperator
	}
	return a.Member.Author()
}

// may reports whether the actor's role allows an action.
func (a Actor) may(action Action) bool { return a.operator || a.Active && May(a.Role, action) }

// colleague reports whether the form was left open by another member on this computer.
func (a Actor) colleague() bool { return a.ShownTo != "" && a.ShownTo != a.Name }

// entry returns the entry of the audit for an action. A reason that a colleague may have
// typed is not recorded under the actor's name.
func (a Actor) entry(action Action, target string) Entry {
	if a.colleague() {
		a.Reason = ""
	}
	return Entry{
		Member: a.Name, Role: a.Role, Action: action, Target: target, Reason: unixLines.Replace(strings.TrimSpace(a.Reason)),
		IP: a.From.IP, Agent: a.From.Agent,
	}
}

// unixLines replaces the line breaks that browsers send, which would count twice.
var unixLines = strings.NewReplacer("\r\n", "\n")

// Authorise records what an actor is about to do. The action is allowed only if
// Authorise returns nil. If the role is too low it returns ErrForbidden, if the form was
// shown to another member ErrColleague, and if a required reason is missing ErrNoReason
// or, if it is too long, ErrLongReason. Refusals are recorded too.
func (s *Service) Authorise(ctx context.Context, by Actor, action Action, target string) error {
	return s.authorise(ctx, by, by.entry(action, target), nil)
}

// authorise is Authorise for an entry. It also refuses the action if refused is not nil.
func (s *Service) authorise(ctx context.Context, by Actor, e Entry, refused error) error {
	why := forbids(by, e)
	if why == nil {
		why = refused
	}
	if why != nil {
		e.Refused = why.Error()
	}
	if err := s.record(ctx, e); err != nil {
		return err
	}
	return why
}

// forbids returns why an actor may not do this; nil if the action is allowed.
func forbids(by Actor, e Entry) error {
	switch {
	case !by.may(e.Action):
		return ErrForbidden
	case by.colleague():
		return ErrColleague
	case by.operator || !slices.Contains(wantsReason, e.Action):
		return nil
	case e.Reason == "":
		return ErrNoReason
	case utf8.RuneCountInString(e.Reason) > MaxReason:
		return ErrLongReason
	default:
		return nil
	}
}

// do authorises and records an action, then runs it.
func (s *Service) do(ctx context.Context, by Actor, e Entry, act func() error) error {
	if err := s.authorise(ctx, by, e, nil); err != nil {
		return err
	}
	return s.recordFailure(ctx, e, act())
}
