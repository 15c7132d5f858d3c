package staff

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

// The operator runs the following actions at the command line. They are recorded
// under the name Command.

var nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// validName reports whether a member can have the name. Command is reserved for the
// audit.
func validName(name string) bool {
	return nameForm.MatchString(name) && strings.Trim(name, "._-") != "" && !strings.EqualFold(name, Command)
}

// Free returns nil if a new member can have the name, otherwise ErrName or ErrTaken.
func (s *Service) Free(ctx context.Context, name string) error {
	if !validName(name) {
		return ErrName
	}
	_, err := s.store.Member(ctx, name)
	switch {
	case errors.Is(err, reset.ErrNotFound):
		return nil
	case err == nil:
		return ErrTaken
	default:
		return fmt.Errorf("look up staff: %w", err)
	}
}

// mayAdd returns nil if a new member can have the name and the role.
func (s *Service) mayAdd(ctx context.Context, name string, role Role) error {
	if err := s.Free(ctx, name); err != nil {
		return err
	}
	if !slices.Contains(Roles, role) {
		return ErrRole
	}
	return nil
}

// Newcomer is a member to be added.
type Newcomer struct {
	Name            string
	Role            Role
	Password, Again string
	NoTOTP          bool // signs in with a password only
}

// Add adds a member, and returns the TOTP secret unless NoTOTP is set. Its errors
// are ErrName, ErrTaken, ErrRole and *reset.RefusedPassword.
func (s *Service) Add(ctx context.Context, n Newcomer) (secret Secret, err error) {
	if err := s.mayAdd(ctx, n.Name, n.Role); err != nil {
		return Secret{}, err
	}
	m := Member{ID: uuid.New(), Name: n.Name, Role: n.Role, Active: true, CreatedAt: s.now()}
	if m.PasswordHash, err = s.resets.HashNew(ctx, reset.Account{Name: n.Name}, n.Password, n.Again); err != nil {
		return Secret{}, err
	}
	if !n.NoTOTP {
		if secret, err = newSecret(s.site, n.Name); err != nil {
			return Secret{}, err
		}
		m.TOTP = s.sealer.seal(m.ID, secret.text)
	}
	err = s.recorded(ctx, byCommand(AddedMember, addedAs(n.Name, n.Role)), func() error { return s.store.AddMember(ctx, m) })
	return secret, err
}

// AddByLink adds a member without a password, and returns the token of a one-time link,
// as Invite does. Its errors are ErrName, ErrTaken and ErrRole.
func (s *Service) AddByLink(ctx context.Context, name string, role Role) (reset.Token, error) {
	if err := s.mayAdd(ctx, name, role); err != nil {
		return reset.Token{}, err
	}
	m := s.invited(name, role)
	err := s.recorded(ctx, byCommand(AddedMember, addedAs(name, role)), func() error { return s.store.AddMember(ctx, m) })
	return s.TokenOf(m), err
}

// IssueLink makes a new one-time link, as RenewLink does. It returns reset.ErrNotFound for
// a disabled member.
func (s *Service) IssueLink(ctx context.Context, name string) (reset.Token, error) {
	link := uuid.New()
	err := s.change(ctx, name, MadeLink, "", func(m Member) (func() error, error) {
		return func() error { return s.store.SetMemberLink(ctx, m.ID, link, s.now().Add(LinkLifetime)) }, nil
	})
	return s.token(link), err
}

// SetPassword sets a member's password, ends the member's sessions and lifts the
// locks of the sign-in.
func (s *Service) SetPassword(ctx context.Context, name, plain, again string) error {
	return s.change(ctx, name, ChangedPassword, "", func(m Member) (func() error, error) {
		hash, err := s.resets.HashNew(ctx, reset.Account{Name: m.Name}, plain, again)
		return func() error { return s.store.SetMemberPassword(ctx, m.ID, hash, s.signIns(m.Name)) }, err
	})
}

// IssueTOTP creates a new TOTP secret, which replaces the old one, and ends the
// member's sessions. The secret can't be read again.
func (s *Service) IssueTOTP(ctx context.Context, name string) (secret Secret, err error) {
	err = s.change(ctx, name, IssuedTOTP, "", func(m Member) (_ func() error, err error) {
		secret, err = newSecret(s.site, m.Name)
		return func() error { return s.store.SetMemberTOTP(ctx, m.ID, s.sealer.seal(m.ID, secret.text), 0) }, err
	})
	return secret, err
}

// SetRole changes a member's role, from the next request on.
func (s *Service) SetRole(ctx context.Context, name string, role Role) error {
	if !slices.Contains(Roles, role) {
		return ErrRole
	}
	return s.change(ctx, name, ChangedRole, changedTo("", role), func(m Member) (func() error, error) {
		return func() error { return s.store.SetMemberRole(ctx, m.ID, role) }, nil
	})
}

// SetActive enables a member, or disables them and ends their sessions.
func (s *Service) SetActive(ctx context.Context, name string, active bool) error {
	return s.change(ctx, name, activation(active), "", func(m Member) (func() error, error) {
		return func() error { return s.store.SetMemberActive(ctx, m.ID, active) }, nil
	})
}

// change changes a member, or returns reset.ErrNotFound. If prepare fails, nothing
// is recorded.
func (s *Service) change(ctx context.Context, name string, action Action, to string, prepare func(Member) (func() error, error)) error {
	m, err := s.Find(ctx, name)
	if err != nil {
		return err
	}
	if m.provides(action) {
		return ErrProvided
	}
	act, err := prepare(m)
	if err != nil {
		return err
	}
	return s.recorded(ctx, byCommand(action, m.Name+to), act)
}

// Operate records a change by the operator, then makes it.
func (s *Service) Operate(ctx context.Context, action Action, target string, act func() error) error {
	return s.recorded(ctx, byCommand(action, target), act)
}

func byCommand(action Action, target string) Entry {
	return Entry{Member: Command, Action: action, Target: target}
}
