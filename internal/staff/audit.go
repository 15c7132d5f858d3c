package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"resetd/internal/reset"
)

// Search selects entries of the audit, newest first. An empty field is no condition.
type Search struct {
	Member  string // name, ignoring case
	Actions []Action
	Caller  Caller
	Refused bool     // only refused and failed actions
	Reason  string   // a part of it, ignoring case
	Targets []string // any of these; empty but not nil: nothing matches
	Since   time.Time
	Until   time.Time // before it
	After   Position  // only the entries after this one, in the order of the search
	Rows    int
}

// Position is the place of an entry. The zero Position is before the newest.
type Position struct {
	At time.Time
	ID int64
}

// Position returns the place of an entry.
func (e Entry) Position() Position { return Position{e.At, e.ID} }

// Group is a kind of actions.
type Group struct {
	Name    string
	Actions []Action
}

// Groups contain each action once.
var Groups = []Group{
	{"looks", []Action{Searched, FoundPerson, ViewedUser, ViewedReset, ViewedTotals, Exported, ViewedAudit, ExportedAudit, ViewedMembers}},
	{Helps, []Action{SentLink, SentLinkTo, MailedCode, TypedCode, Revoked, RevokedAll, Unlocked, Noted, EndedSessions, DisabledUser, EnabledUser}},
	{"sign_ins", []Action{SignedIn, SignedOut}},
	{"members", []Action{AddedMember, DisabledMember, EnabledMember, ChangedRole, MadeLink, UsedLink, ChangedOwnPassword, ChangedOwnTOTP, ChangedPassword, IssuedTOTP}},
	{"operates", []Action{AddedUser, SetUserPassword, Purged}},
}

// Helps is the name of the group of what staff do for a person.
const Helps = "helps"

// Refusals is the name of the search for refused and failed actions of any kind.
const Refusals = "refused"

// SetAction restricts a search to an action, a group or Refusals. It returns false for
// another text, and leaves the search as it is.
func (q *Search) SetAction(name string) bool {
	switch name {
	case "":
		return true
	case string(Unverified):
		q.Caller = Unverified
		return true
	case Refusals:
		q.Refused = true
		return true
	}
	for _, g := range Groups {
		if g.Name == name {
			q.Actions = g.Actions
			return true
		}
		if slices.Contains(g.Actions, Action(name)) {
			q.Actions = []Action{Action(name)}
			return true
		}
	}
	return false
}

// Audit returns the newest entries of a search.
func (s *Service) Audit(ctx context.Context, q Search) ([]Entry, error) {
	entries, err := s.store.Audit(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return entries, nil
}

// About returns the targets of all actions on the member with a name; none if there is
// no such member.
func (s *Service) About(ctx context.Context, name string) ([]string, error) {
	m, err := s.Find(ctx, name)
	if errors.Is(err, reset.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return AboutMember(m.Name), nil
}

// AboutMember returns the targets of all actions on a member.
func AboutMember(name string) []string {
	targets := []string{name}
	for _, role := range Roles {
		targets = append(targets, addedAs(name, role), changedTo(name, role))
	}
	return targets
}

func addedAs(name string, role Role) string { return name + " as " + string(role) }

func changedTo(name string, role Role) string { return name + " to " + string(role) }
