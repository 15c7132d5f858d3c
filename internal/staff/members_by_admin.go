package staff

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// LinkLifetime is how long a one-time link of a member works.
const LinkLifetime = 24 * time.Hour

// Policy returns the rules for the passwords of members.
func (s *Service) Policy() password.Policy { return s.resets.Policy() }

// Find returns the member with a name, or reset.ErrNotFound.
func (s *Service) Find(ctx context.Context, name string) (Member, error) {
	m, err := s.named(ctx, name)
	if err != nil {
		return Member{}, fmt.Errorf("look up staff: %w", err)
	}
	return m, nil
}

// Invite adds a member without a password, and returns the token of the one-time link
// with which the member chooses one. Its errors are those of Add, ErrForbidden and
// ErrNoReason.
func (s *Service) Invite(ctx context.Context, by Member, name string, role Role, reason string, from reset.Client) (reset.Token, error) {
	if May(by.Role, AddedMember) {
		if err := s.mayAdd(ctx, name, role); err != nil {
			return reset.Token{}, err
		}
	}
	m := s.invited(name, role)
	e, err := s.authorise(ctx, by, AddedMember, addedAs(name, role), reason, from)
	if err != nil {
		return reset.Token{}, err
	}
	return s.token(m.Link.ID), s.outcome(ctx, e, s.store.AddMember(ctx, m))
}

func (s *Service) invited(name string, role Role) Member {
	now := s.now()
	return Member{
		ID: uuid.New(), Name: name, Role: role, Active: true, CreatedAt: now,
		Link: Link{ID: uuid.New(), ExpiresAt: now.Add(LinkLifetime)},
	}
}

// RenewLink makes a new one-time link for a member, which ends the one before. The
// member's password and TOTP secret work until the link is used.
func (s *Service) RenewLink(ctx context.Context, by Member, name, reason string, from reset.Client) (reset.Token, error) {
	link := uuid.New()
	err := s.manage(ctx, by, MadeLink, name, "", reason, from, func(m Member) error {
		return s.store.SetMemberLink(ctx, m.ID, link, s.now().Add(LinkLifetime))
	})
	return s.token(link), err
}

// SetRoleBy is SetRole by a member.
func (s *Service) SetRoleBy(ctx context.Context, by Member, name string, role Role, reason string, from reset.Client) error {
	if !slices.Contains(Roles, role) {
		return ErrRole
	}
	return s.manage(ctx, by, ChangedRole, name, changedTo("", role), reason, from, func(m Member) error {
		return s.store.SetMemberRole(ctx, m.ID, role)
	})
}

// SetActiveBy is SetActive by a member.
func (s *Service) SetActiveBy(ctx context.Context, by Member, name string, active bool, reason string, from reset.Client) error {
	return s.manage(ctx, by, activation(active), name, "", reason, from, func(m Member) error {
		return s.store.SetMemberActive(ctx, m.ID, active)
	})
}

func activation(active bool) Action {
	if active {
		return EnabledMember
	}
	return DisabledMember
}

// manage records a change of a member by another one, then makes it.
func (s *Service) manage(ctx context.Context, by Member, action Action, name, to, reason string, from reset.Client, do func(Member) error) error {
	m, err := s.named(ctx, name)
	if err != nil && !errors.Is(err, reset.ErrNotFound) {
		return fmt.Errorf("look up staff: %w", err)
	}
	if m.Name != "" {
		name = m.Name
	}
	e, denied := s.authorise(ctx, by, action, name+to, reason, from)
	if denied != nil {
		return denied
	}
	if err == nil && m.provides(action) {
		err = ErrProvided
	}
	if err == nil {
		err = do(m)
	}
	return s.outcome(ctx, e, err)
}

func (s *Service) token(link reset.ID) reset.Token { return s.keys.Token(reset.PurposeStaffLink, link) }

// TokenOf returns the token of a member's newest link, to show it to the admin who made
// it.
func (s *Service) TokenOf(m Member) reset.Token { return s.token(m.Link.ID) }
