package staff

import (
	"context"
	"errors"
	"fmt"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// Present is the present password and code, with which a member proves who changes the
// password or the TOTP secret.
type Present struct {
	Password string
	Code     string // not needed by a member without a TOTP secret
}

// ErrPresentCode: the present code is wrong, or was used before.
var ErrPresentCode = errors.New("wrong present code")

// ChangeOwnPassword sets the own password, ends all sessions of the member and returns
// the changed member. Its errors are ErrPresentCode and *reset.RefusedPassword, perhaps
// together.
func (s *Service) ChangeOwnPassword(ctx context.Context, by Actor, p Present, plain, again string) (Member, error) {
	hash, refused := s.chosen.HashNew(ctx, reset.Account{Name: by.Name}, plain, again)
	if refused == nil && plain == p.Password {
		refused = &reset.RefusedPassword{Problems: []password.Problem{password.Unchanged}}
	}
	return s.changeOwn(ctx, by, ChangedOwnPassword, p, refused, func() error {
		return s.store.SetMemberPassword(ctx, by.ID, hash, s.signIns(by.Name))
	})
}

// ChangeOwnTOTP replaces the own TOTP secret, as ChangeOwnPassword does. The code proves
// that an app has the new secret. Its errors are also ErrSetup and ErrCode.
func (s *Service) ChangeOwnTOTP(ctx context.Context, by Actor, p Present, sealed, code string) (Member, error) {
	setup, unread := s.OpenSetup(by.Member, sealed)
	step, refused := s.confirms(setup, unread, code)
	return s.changeOwn(ctx, by, ChangedOwnTOTP, p, refused, func() error {
		return s.store.SetMemberTOTP(ctx, by.ID, s.sealer.seal(by.ID, setup.text), step)
	})
}

// changeOwn makes a change if the member proves it and the new value was not refused. A
// failed proof is recorded as refused, because somebody else may sit at the desk.
func (s *Service) changeOwn(ctx context.Context, by Actor, action Action, p Present, refused error, do func() error) (Member, error) {
	m := by.Member
	if forbids(by, by.entry(action, m.Name)) != nil {
		return m, s.Authorise(ctx, by, action, m.Name) // refuses, and records it
	}
	unproven, why, err := s.prove(ctx, &m, p, refused == nil)
	if err != nil {
		return m, fmt.Errorf("%s: %w", action, err)
	}
	e := by.entry(action, m.Name)
	if unproven != nil {
		e.Refused = why
		if err := s.record(ctx, e); err != nil {
			return m, err
		}
	}
	if err := allProblems(unproven, refused); err != nil {
		return m, err
	}
	if err := s.recorded(ctx, e, do); err != nil {
		return m, err
	}
	return s.store.MemberByID(ctx, m.ID)
}

// allProblems joins the problems of the present and the new password into one error.
func allProblems(unproven, refused error) error {
	wrong, isWrong := errors.AsType[*reset.RefusedPassword](unproven)
	weak, isWeak := errors.AsType[*reset.RefusedPassword](refused)
	if isWrong && isWeak {
		return &reset.RefusedPassword{WrongCurrent: wrong.WrongCurrent, Problems: weak.Problems}
	}
	return errors.Join(unproven, refused)
}

// prove checks the present password and code. It returns what is wrong, and the reason
// for the audit. It marks the code as used only if nothing else is refused.
func (s *Service) prove(ctx context.Context, m *Member, p Present, last bool) (unproven error, why string, err error) {
	right, err := s.passwords.Verify(ctx, password.ForSignIn, m.PasswordHash, p.Password)
	if err != nil {
		return nil, "", err
	}
	if !right {
		return &reset.RefusedPassword{WrongCurrent: true}, "wrong password", nil
	}
	if m.TOTP == "" {
		return nil, "", nil
	}
	secret, sealed, err := s.sealer.open(m.ID, m.TOTP)
	if err != nil {
		return nil, "", err
	}
	step, fits := stepOf(secret, p.Code, s.now())
	if !fits {
		return ErrPresentCode, "wrong code", nil
	}
	if !last {
		return nil, "", nil
	}
	first, err := s.store.TakeStep(ctx, *m, step, sealed)
	if err == nil && !first {
		return ErrPresentCode, "code used before", nil
	}
	m.TOTP = sealed
	return nil, "", err
}
