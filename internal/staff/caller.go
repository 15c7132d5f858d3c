package staff

import (
	"context"
	"fmt"
	"time"

	"resetd/internal/reset"
)

// Checks is whether staff verify a caller before they send a link.
type Checks string

// The settings.
const (
	ChecksOff      Checks = "off"
	ChecksOffered  Checks = "offer"   // sending without one is marked
	ChecksRequired Checks = "require" // sending without one needs a confirmation
)

// Checks returns the setting.
func (s *Service) Checks() Checks { return s.checks }

// MailCode sends a code to the stored address of an account, which the caller must read
// out. It returns reset.ErrNotFound, ErrWithheld or reset.ErrManyChecks.
func (s *Service) MailCode(ctx context.Context, by Actor, userID string) error {
	return s.do(ctx, by, by.entry(MailedCode, userID), func() error { return s.resets.StartCheck(ctx, userID, by.Author()) })
}

// TypeCode compares the code that a caller read out. It returns reset.ErrWrongCode,
// reset.ErrCheckOver or reset.ErrCheckMoved if it does not count. The code itself is not recorded.
func (s *Service) TypeCode(ctx context.Context, by Actor, userID, code string) error {
	return s.do(ctx, by, by.entry(TypedCode, userID), func() error { return s.resets.TypeCode(ctx, userID, code, by.Author()) })
}

// SameCode is TypeCode for a code that was compared before. It counts no try.
func (s *Service) SameCode(ctx context.Context, userID, code string) error {
	return s.resets.SameCode(ctx, userID, code)
}

// Check returns the newest check of an account; the zero Check if there is none.
func (s *Service) Check(ctx context.Context, userID string) (reset.Check, error) {
	c, err := s.resets.LatestCheck(ctx, userID)
	if err != nil {
		return c, fmt.Errorf("read a check: %w", err)
	}
	return c, nil
}

// Unverified counts the links that were sent in a period although the caller was not
// verified.
func (s *Service) Unverified(ctx context.Context, since, until time.Time) (int, error) {
	n, err := s.store.CountUnverified(ctx, since, until)
	if err != nil {
		return 0, fmt.Errorf("count unverified callers: %w", err)
	}
	return n, nil
}

// caller returns whether a member verified the caller for whom a link is sent. It returns
// ErrUnverified if the setting requires it, and the member did not confirm that it is not
// done.
func (s *Service) caller(ctx context.Context, by Actor, userID string, confirmed bool) (Caller, error) {
	if s.checks == ChecksOff || s.checks == "" || userID == "" {
		return "", nil
	}
	c, err := s.Check(ctx, userID)
	switch {
	case err != nil:
		return "", err
	case c.PassedBefore(s.now(), by.Author()):
		return Verified, nil
	case confirmed || s.checks == ChecksOffered:
		return Unverified, nil
	default:
		return Unverified, ErrUnverified
	}
}

// verified returns Verified if a member verified the caller for whom they act on an account,
// and otherwise nothing. Only links need the mark, so no action fails without it.
func (s *Service) verified(ctx context.Context, by Actor, userID string) Caller {
	if caller, err := s.caller(ctx, by, userID, true); err == nil && caller == Verified {
		return Verified
	}
	return ""
}

// authoriseSend authorises an action that sends a link, and returns its entry, which has
// whether the caller was verified.
func (s *Service) authoriseSend(ctx context.Context, by Actor, action Action, target, userID string, r Request) (Entry, error) {
	caller, refused := s.caller(ctx, by, userID, r.Unverified)
	if refused != nil && caller == "" {
		return Entry{}, refused
	}
	e := by.entry(action, target)
	e.Caller = caller
	return e, s.authorise(ctx, by, e, refused)
}
