package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// Identity is a person whom a provider of OpenID Connect has signed in.
type Identity struct {
	Issuer, Subject string   // together unique
	Name            string   // as the provider calls them; may be empty
	Roles           []string // the highest known one counts
}

// role returns the highest role of an identity; empty if there is none.
func (i Identity) role() Role {
	for _, role := range slices.Backward(Roles) {
		if slices.Contains(i.Roles, string(role)) {
			return role
		}
	}
	return ""
}

// Provided reports whether only the provider can do this for a member.
func (m Member) Provided(action Action) bool {
	return m.Subject != "" && action != DisabledMember && action != EnabledMember
}

// SignInBy signs in a person whom a provider has signed in. Somebody who comes for the
// first time becomes a member, and a member gets the role that the provider gives. It
// returns ErrNoRole or ErrDisabled, which are recorded.
func (s *Service) SignInBy(ctx context.Context, i Identity, by reset.Client) (Member, error) {
	m, err := s.store.MemberBySubject(ctx, i.Issuer, i.Subject)
	if err != nil && !errors.Is(err, reset.ErrNotFound) {
		return Member{}, fmt.Errorf("sign-in by a provider: %w", err)
	}
	known := err == nil
	e := Actor{Member: m, From: by}.entry(SignedIn, "")
	if !known {
		e.Member = Nobody
	}
	if why := refusedBy(m, known, i.role()); why != nil {
		e.Refused = why.Error()
		return Member{}, errors.Join(why, s.record(ctx, e))
	}
	if !known {
		m, err = s.welcome(ctx, i, e)
	} else if m.Role != i.role() {
		m, err = s.promote(ctx, m, i.role(), e)
	}
	if err != nil {
		return Member{}, err
	}
	e.Member, e.Role = m.Name, m.Role
	return m, s.record(ctx, e)
}

func refusedBy(m Member, known bool, role Role) error {
	switch {
	case known && !m.Active:
		return ErrDisabled
	case role == "":
		return ErrNoRole
	default:
		return nil
	}
}

// promote changes the role of a member to that of the provider.
func (s *Service) promote(ctx context.Context, m Member, role Role, e Entry) (Member, error) {
	e.Action, e.Target, e.Role = ChangedRole, m.Name+changedTo("", role), role
	m.Role = role
	return m, s.recorded(ctx, e, func() error { return s.store.SetMemberRole(ctx, m.ID, role) })
}

// mostNames is how many members may come with the same name.
const mostNames = 1000

// welcome adds a member. If the name is taken, it adds a number: another member with
// this name need not be the same person.
func (s *Service) welcome(ctx context.Context, i Identity, e Entry) (Member, error) {
	m := Member{ID: uuid.New(), Role: i.role(), Active: true, CreatedAt: s.now(), Issuer: i.Issuer, Subject: i.Subject}
	name := nameFrom(i.Name)
	for n := 1; n <= mostNames; n++ {
		if m.Name = name; n > 1 {
			m.Name = name + "-" + strconv.Itoa(n)
		}
		switch err := s.Free(ctx, m.Name); {
		case errors.Is(err, ErrTaken), errors.Is(err, ErrName), errors.Is(err, ErrReserved):
			continue
		case err != nil:
			return Member{}, err
		}
		e.Member, e.Role, e.Action, e.Target = m.Name, m.Role, AddedMember, addedAs(m.Name, m.Role)
		err := s.recorded(ctx, e, func() error { return s.store.AddMember(ctx, m) })
		if errors.Is(err, ErrTaken) { // another request was first: perhaps of the same person
			if same, e := s.store.MemberBySubject(ctx, i.Issuer, i.Subject); e == nil {
				return same, nil
			}
			continue
		}
		return m, err
	}
	return Member{}, ErrTaken
}

// longestName leaves room for a number.
const longestName = 58

// nameFrom returns a name that a member can have. Of an address it uses the part before
// the @.
func nameFrom(given string) string {
	given, _, _ = strings.Cut(given, "@")
	name := strings.Map(func(r rune) rune {
		if r < 128 && nameForm.MatchString(string(r)) {
			return r
		}
		return '-'
	}, given)
	name = strings.Trim(name[:min(len(name), longestName)], "-._")
	if name == "" {
		return "member"
	}
	return name
}
