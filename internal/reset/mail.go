package reset

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNothingToSend: no email is due, because the reset is withheld, or the link or the "this
// wasn't me" is already dead.
var ErrNothingToSend = errors.New("nothing to send")

// ErrTooLate: so little of the link's lifetime is left that the email would be of no
// use, or a notice is too old.
var ErrTooLate = errors.New("too late to send")

// Mail is the content of an email; package mail writes the text.
type Mail struct {
	Delivery Delivery
	Reset    Reset            // zero if the email belongs to no reset
	Account  Account          // zero if the account was deleted
	Token    Token            // of the link, for KindResetLink, KindRescue and KindSignUpConfirm
	Denial   Token            // of "this wasn't me", for KindResetLink and KindPasswordChanged
	Code     string           // for KindDeskCheck
	Withheld Withheld         // why the account gets no links, for KindSignUpExists and KindNoLink
	Several  bool             // the address has several accounts, so the text names this one
	Now      func() time.Time // the clock: the text says how long a link still works
}

// GiveUpAt is when the email has become useless: its link is about to expire or its
// notice is too old.
func (m Mail) GiveUpAt() time.Time {
	switch {
	case m.Delivery.Kind.HasLink():
		return sendBefore(m.Reset.CreatedAt, m.Reset.ExpiresAt)
	case m.Delivery.Kind == KindSignUpConfirm:
		return sendBefore(m.Delivery.CreatedAt, m.Delivery.CreatedAt.Add(SignUpLifetime))
	case m.Delivery.Kind == KindDeskCheck:
		return m.Delivery.CreatedAt.Add(CheckLifetime)
	default:
		return m.Delivery.CreatedAt.Add(noticeLifetime)
	}
}

// TooLate reports whether GiveUpAt has passed.
func (m Mail) TooLate() bool { return !m.Now().Before(m.GiveUpAt()) }

// sendBefore returns until when a link is sent. Five minutes, or a quarter of a short
// lifetime, must be left to use it.
func sendBefore(from, until time.Time) time.Time {
	return until.Add(-min(5*time.Minute, until.Sub(from)/4))
}

// Prepare returns the email of a leased delivery whose account is known: of a link
// that could not be sent before, of a further account, of a sign-up, or of a notice. It returns
// ErrNothingToSend if no email is due any more, and ErrTooLate after GiveUpAt.
func (s *Service) Prepare(ctx context.Context, d Delivery) (Mail, error) {
	m := Mail{Delivery: d, Now: s.now}
	var err error
	switch {
	case d.Recipient == "":
		err = ErrNothingToSend
	case d.Kind.HasLink():
		err = s.prepareLink(ctx, &m, s.now())
	case d.Kind == KindSignUpExists:
		err = s.prepareSignUp(ctx, &m)
	default:
		err = s.prepareNotice(ctx, &m)
	}
	if err == nil && m.TooLate() {
		err = ErrTooLate
	}
	if err != nil && !errors.Is(err, ErrNothingToSend) {
		return Mail{}, fmt.Errorf("prepare email: %w", err)
	}
	return m, err
}

// prepareSignUp looks the address of a sign-up up again: its account may have been deleted
// or moved to another address since. Then the sign-up gets its link.
func (s *Service) prepareSignUp(ctx context.Context, m *Mail) error {
	m.Delivery.Kind, m.Delivery.UserID = KindSignUpConfirm, ""
	mails, err := s.matchSignUps(ctx, []Delivery{m.Delivery})
	if err != nil {
		return err
	}
	if len(mails) == 0 {
		return ErrNothingToSend
	}
	*m = mails[0]
	return nil
}

func (s *Service) prepareNotice(ctx context.Context, m *Mail) (err error) {
	if m.Delivery.Kind == KindPasswordChanged {
		m.Denial = s.keys.Token(PurposeNotMyChange, m.Delivery.ID)
		if err := s.refuseOutdated(ctx, m.Delivery); errors.Is(err, ErrRescued) {
			return ErrNothingToSend // its "this wasn't me" would do nothing; the rescue has a notice of its own
		} else if err != nil {
			return err
		}
	}
	if m.Delivery.ResetID != (ID{}) {
		if m.Reset, err = s.store.Reset(ctx, m.Delivery.ResetID); err != nil {
			return err
		}
	}
	m.Account, err = s.store.Account(ctx, m.Delivery.UserID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	m.Withheld = s.Withholds(m.Account)
	switch kind := m.Delivery.Kind; {
	case kind == KindDeskCheck:
		if err != nil || m.Account.Email != m.Delivery.Recipient { // the address is not the account's any more
			return ErrNothingToSend
		}
		return s.prepareCode(ctx, m)
	case kind == KindNoLink && (m.Withheld != m.Reset.Withheld || !slices.Contains(s.explain, m.Withheld)): // no longer true
		return ErrNothingToSend
	}
	m.Several, err = s.several(ctx, m.Delivery.Recipient, m.Delivery.UserID)
	return err // the owner is notified even if the account was deleted
}

// prepareCode adds the code of a check, unless a newer check replaced it: the newest email
// would have a dead code.
func (s *Service) prepareCode(ctx context.Context, m *Mail) error {
	c, err := s.store.LatestCheck(ctx, m.Delivery.UserID)
	if errors.Is(err, ErrNotFound) || err == nil && c.ID != m.Delivery.ID {
		return ErrNothingToSend
	}
	m.Code = s.keys.code(m.Delivery.ID)
	return err
}

func (s *Service) prepareLink(ctx context.Context, m *Mail, now time.Time) (err error) {
	if m.Reset, err = s.store.Reset(ctx, m.Delivery.ResetID); err != nil {
		return err
	}
	if !m.Reset.Alive(now) {
		return ErrNothingToSend
	}
	account, err := s.linked(ctx, m.Reset)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := s.finishClaims(ctx, account); err != nil {
		return err
	}
	if !s.unchanged(m.Reset, account) {
		if err := s.store.Revoke(ctx, m.Reset.ID, now, RevokedAccountChanged); err != nil {
			return err
		}
		return ErrNothingToSend
	}
	several, err := s.several(ctx, m.Reset.Email, m.Reset.UserID)
	*m = s.linkMail(Queued{m.Reset, m.Delivery, account}, several)
	return err
}

// several reports whether another account has the address too.
func (s *Service) several(ctx context.Context, email, userID string) (bool, error) {
	address, malformed := parseAsked(email)
	if malformed != nil {
		return false, nil //nolint:nilerr // no account has it
	}
	found, err := s.store.FindAccounts(ctx, address)
	return slices.ContainsFunc(found, func(a Account) bool { return a.ID != userID }), err
}
