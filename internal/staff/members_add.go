package staff

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// reserved reports whether a name is the audit's for the command line.
func reserved(name string) bool { return strings.EqualFold(name, Command) }

// validName reports whether a member can have the name.
func validName(name string) bool {
	return nameForm.MatchString(name) && strings.Trim(name, "._-") != "" && !reserved(name)
}

// Free returns nil if a new member can have the name, otherwise ErrName, ErrReserved or
// ErrTaken.
func (s *Service) Free(ctx context.Context, name string) error {
	if reserved(name) {
		return ErrReserved
	}
	if !validName(name) {
		return ErrName
	}
	_, err := s.Find(ctx, name)
	switch {
	case errors.Is(err, reset.ErrNotFound):
		return nil
	case err == nil:
		return ErrTaken
	default:
		return err
	}
}

// newMember returns a member to be added. Its errors are those of Free and ErrRole.
// An actor who may not add members gets none of these: add refuses them.
func (s *Service) newMember(ctx context.Context, by Actor, name string, role Role) (Member, error) {
	m := Member{ID: uuid.New(), Name: name, Role: role, Active: true, CreatedAt: s.now()}
	if !by.may(AddedMember) {
		return m, nil
	}
	if err := s.Free(ctx, name); err != nil {
		return m, err
	}
	if !slices.Contains(Roles, role) {
		return m, ErrRole
	}
	return m, nil
}

// add records that a member is added, then adds them.
func (s *Service) add(ctx context.Context, by Actor, m Member) error {
	return s.do(ctx, by, by.entry(AddedMember, addedAs(m.Name, m.Role)), func() error { return s.store.AddMember(ctx, m) })
}

// Newcomer is a member to be added with a password.
type Newcomer struct {
	Name            string
	Role            Role
	Password, Again string
	NoTOTP          bool // signs in with a password only
}

// Add adds a member, and returns the TOTP secret unless NoTOTP is set. Its errors are
// those of Free, ErrRole, *reset.RefusedPassword and those of Authorise.
func (s *Service) Add(ctx context.Context, by Actor, n Newcomer) (secret Secret, err error) {
	m, err := s.newMember(ctx, by, n.Name, n.Role)
	if err != nil {
		return Secret{}, err
	}
	if m.PasswordHash, err = s.chosen.HashNew(ctx, reset.Account{Name: n.Name}, n.Password, n.Again); err != nil {
		return Secret{}, err
	}
	if !n.NoTOTP {
		if secret, err = newSecret(s.site, n.Name); err != nil {
			return Secret{}, err
		}
		m.TOTP = s.sealer.seal(m.ID, secret.text)
	}
	return secret, s.add(ctx, by, m)
}

// LinkLifetime is how long a one-time link of a member works.
const LinkLifetime = 24 * time.Hour

// Invite adds a member without a password, and returns the token of the one-time link
// with which the member chooses one. Its errors are those of Free, ErrRole and those
// of Authorise.
func (s *Service) Invite(ctx context.Context, by Actor, name string, role Role) (reset.Token, error) {
	m, err := s.newMember(ctx, by, name, role)
	if err != nil {
		return reset.Token{}, err
	}
	m.Link = Link{ID: uuid.New(), ExpiresAt: m.CreatedAt.Add(LinkLifetime)}
	return s.TokenOf(m), s.add(ctx, by, m)
}
