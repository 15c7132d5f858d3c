package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// Policy returns the rules for the passwords of members.
func (s *Service) Policy() password.Policy { return s.chosen.Policy() }

// TokenOf returns the token of a member's newest link.
func (s *Service) TokenOf(m Member) reset.Token {
	return s.keys.Token(reset.PurposeStaffLink, m.Link.ID)
}

// RenewLink makes a new one-time link for a member, which ends the one before, and returns
// its token. The member's password and TOTP secret work until the link is used. It returns
// reset.ErrNotFound for a disabled member.
func (s *Service) RenewLink(ctx context.Context, by Actor, name string) (reset.Token, error) {
	link := Link{ID: uuid.New(), ExpiresAt: s.now().Add(LinkLifetime)}
	err := s.change(ctx, by, MadeLink, name, "", func(m Member) error {
		return s.store.SetMemberLink(ctx, m.ID, link.ID, link.ExpiresAt)
	})
	return s.TokenOf(Member{Link: link}), err
}

// SetPassword sets a member's password, ends the member's sessions and lifts the locks of
// the sign-in.
func (s *Service) SetPassword(ctx context.Context, by Actor, name, plain, again string) error {
	m, err := s.changeable(ctx, ChangedPassword, name)
	if err != nil {
		return err
	}
	hash, err := s.chosen.HashNew(ctx, reset.Account{Name: m.Name}, plain, again)
	if err != nil {
		return err
	}
	return s.change(ctx, by, ChangedPassword, name, "", func(m Member) error {
		return s.store.SetMemberPassword(ctx, m.ID, hash, s.signIns(m.Name))
	})
}

// IssueTOTP creates a new TOTP secret, which replaces the old one, and ends the member's
// sessions. The secret can't be read again.
func (s *Service) IssueTOTP(ctx context.Context, by Actor, name string) (secret Secret, err error) {
	err = s.change(ctx, by, IssuedTOTP, name, "", func(m Member) (err error) {
		if secret, err = newSecret(s.site, m.Name); err != nil {
			return err
		}
		return s.store.SetMemberTOTP(ctx, m.ID, s.sealer.seal(m.ID, secret.text), 0)
	})
	return secret, err
}

// SetRole changes a member's role, from the next request on.
func (s *Service) SetRole(ctx context.Context, by Actor, name string, role Role) error {
	if !slices.Contains(Roles, role) {
		return ErrRole
	}
	return s.change(ctx, by, ChangedRole, name, changedTo("", role), func(m Member) error {
		return s.store.SetMemberRole(ctx, m.ID, role)
	})
}

// SetActive enables a member, or disables them and ends their sessions.
func (s *Service) SetActive(ctx context.Context, by Actor, name string, active bool) error {
	action := DisabledMember
	if active {
		action = EnabledMember
	}
	return s.change(ctx, by, action, name, "", func(m Member) error {
		return s.store.SetMemberActive(ctx, m.ID, active)
	})
}

// change records a change of a member, then makes it. Also an attempt on a name that no
// member has, and one on what the provider decides, are recorded.
func (s *Service) change(ctx context.Context, by Actor, action Action, name, to string, do func(Member) error) error {
	m, err := s.changeable(ctx, action, name)
	if m.Name != "" {
		name = m.Name
	}
	return s.do(ctx, by, by.entry(action, name+to), func() error {
		if err != nil {
			return err
		}
		return do(m)
	})
}

// changeable returns the member with a name. It returns reset.ErrNotFound if there is
// none, and ErrProvided with a member for whom only the provider does this.
func (s *Service) changeable(ctx context.Context, action Action, name string) (Member, error) {
	m, err := s.Find(ctx, name)
	if err == nil && m.Provided(action) {
		err = ErrProvided
	}
	return m, err
}

// Find returns the member with a typed name, or reset.ErrNotFound.
func (s *Service) Find(ctx context.Context, typed string) (Member, error) {
	name := strings.TrimSpace(typed)
	if !validName(name) {
		return Member{}, reset.ErrNotFound
	}
	m, err := s.store.Member(ctx, name)
	if err != nil {
		return Member{}, fmt.Errorf("look up staff: %w", err)
	}
	return m, nil
}
