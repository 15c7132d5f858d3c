package staff

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/reset"
)

// Choice is what a member entered behind a one-time link.
type Choice struct {
	Password, Again string
	Setup           string // sealed, see Setup
	Code            string
}

// VerifyLink returns the id in the token of a one-time link, or reset.ErrNoLink. It
// needs no database.
func (s *Service) VerifyLink(token string) (reset.ID, error) {
	return s.keys.Verify(reset.PurposeStaffLink, token)
}

// Invited returns the member of a one-time link, or why it is dead: reset.ErrUsed,
// reset.ErrExpired, or reset.ErrRevoked if a newer link was made or the member was
// disabled. It changes nothing.
func (s *Service) Invited(ctx context.Context, link reset.ID) (Member, error) {
	m, err := s.store.MemberByLink(ctx, link)
	switch {
	case errors.Is(err, reset.ErrNotFound) || err == nil && !m.Active:
		return Member{}, reset.ErrRevoked
	case err != nil:
		return Member{}, fmt.Errorf("look up link of staff: %w", err)
	case !m.Link.UsedAt.IsZero():
		return Member{}, reset.ErrUsed
	case !s.now().Before(m.Link.ExpiresAt):
		return Member{}, reset.ErrExpired
	}
	return m, nil
}

// Join sets the password and the TOTP secret of a member by a one-time link, ends the
// member's sessions and lifts the locks of the sign-in. Its errors are those of Invited,
// and ErrSetup, ErrCode and *reset.RefusedPassword, several of them together.
func (s *Service) Join(ctx context.Context, link reset.ID, c Choice, from reset.Client) error {
	m, err := s.Invited(ctx, link)
	if err != nil {
		return err
	}
	chosen, err := s.credentials(ctx, m, c)
	if err != nil {
		return err
	}
	e := Actor{Member: m, From: from}.entry(UsedLink, m.Name)
	err = s.recorded(ctx, e, func() error { return s.store.UseMemberLink(ctx, link, s.now(), chosen) })
	if errors.Is(err, reset.ErrNotFound) { // another request was first
		_, dead := s.Invited(ctx, link)
		return errors.Join(dead, err)
	}
	return err
}

// Joined returns the ticket of the member who has just used a link. It is no sign-in: it
// shows whether what the member chose is still set.
func (s *Service) Joined(ctx context.Context, link reset.ID) (Ticket, error) {
	m, err := s.store.MemberByLink(ctx, link)
	if err != nil {
		return Ticket{}, fmt.Errorf("look up link of staff: %w", err)
	}
	return s.Ticket(m), nil
}

// credentials checks what a member chose, and returns it as it is stored.
func (s *Service) credentials(ctx context.Context, m Member, c Choice) (Credentials, error) {
	setup, unread := s.OpenSetup(m, c.Setup)
	step, err := s.confirms(setup, unread, c.Code)
	hash, refused := s.chosen.HashNew(ctx, reset.Account{Name: m.Name}, c.Password, c.Again)
	return Credentials{
		PasswordHash: hash, TOTP: s.sealer.seal(m.ID, setup.text), Step: step, SignIns: s.signIns(m.Name),
	}, errors.Join(err, refused)
}

// confirms returns the step of a code that proves that an app has the secret.
func (s *Service) confirms(setup Setup, unread error, code string) (int64, error) {
	if unread != nil {
		return 0, unread
	}
	step, fits := stepOf(setup.text, code, s.now())
	if !fits {
		return 0, ErrCode
	}
	return step, nil
}
