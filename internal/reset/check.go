package reset

import (
	"context"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The limits of a check: how long its code can be used, how often a code may be typed,
// and how many checks an account may have in checkWindow.
const (
	CheckLifetime = 10 * time.Minute
	CheckTries    = 3
	checkMost     = 5
	checkWindow   = time.Hour
)

// The errors of checks.
var (
	ErrWrongCode  = errors.New("wrong code")
	ErrCheckOver  = errors.New("no code can be typed any more")
	ErrManyChecks = errors.New("too many codes for this account")
	ErrCheckMoved = errors.New("the address has changed since the code was emailed")
)

// Check verifies that a caller reads the account's email: resetd sends a code to the
// stored address, and the caller reads it to staff. The code is made from the id and the
// key when the email is sent, and is stored nowhere. It resets nothing.
type Check struct {
	ID        ID // of its delivery, too
	UserID    string
	Email     string    // where the code went; empty once that is not known any more
	Mail      MailState // of the email with the code
	Reply     string    // of the mail server
	AskedBy   string    // as in "staff:<name>"
	AskedAt   time.Time
	ExpiresAt time.Time // at most CheckLifetime later; sooner if a newer check replaced it
	Tries     int
	PassedAt  time.Time // when the right code was typed
	PassedBy  string
}

// Open reports whether a code can be typed.
func (c Check) Open(now time.Time) bool {
	return c.PassedAt.IsZero() && c.Tries < CheckTries && now.Before(c.ExpiresAt)
}

// PassedBefore reports whether a member verified the caller so recently that it still
// counts.
func (c Check) PassedBefore(now time.Time, by string) bool {
	return !c.PassedAt.IsZero() && c.PassedBy == by && now.Before(c.PassedAt.Add(CheckLifetime))
}

// Checks is the table of checks.
type Checks interface {
	// AddCheck stores a check, and ends the earlier ones of the account.
	AddCheck(ctx context.Context, c Check) error
	// LatestCheck returns the newest check of an account, or ErrNotFound.
	LatestCheck(ctx context.Context, userID string) (Check, error)
	// TryCode counts a try of a check that is open at now. If the code was right, it
	// also stores who verified the caller. It returns ErrNotFound if the check is not
	// open: concurrent calls never have more than CheckTries tries.
	TryCode(ctx context.Context, id ID, right bool, now time.Time, by string) error
}

// StartCheck sends a code to the stored address of an account; by names who verifies the
// caller, as in "staff:<name>". It returns ErrNotFound, ErrWithheld if no email can be
// sent to the address, or ErrManyChecks.
func (s *Service) StartCheck(ctx context.Context, userID, by string) error {
	now := s.now()
	a, err := s.store.Account(ctx, userID)
	if err != nil {
		return fmt.Errorf("verify a caller: %w", err)
	}
	if _, err := Mailbox(a.Email); err != nil {
		return fmt.Errorf("%w: its address takes no mail", ErrWithheld)
	}
	c := Check{ID: newID(), UserID: a.ID, AskedBy: by, AskedAt: now, ExpiresAt: now.Add(CheckLifetime)}
	n, err := s.store.CountUp(ctx, "desk checks of "+a.ID, now, now.Add(checkWindow)) // a refusal counts, too
	switch {
	case err != nil:
		return fmt.Errorf("verify a caller: %w", err)
	case n > checkMost:
		return ErrManyChecks
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		if err := tx.AddCheck(ctx, c); err != nil {
			return err
		}
		return tx.Queue(ctx, Delivery{ID: c.ID, Kind: KindDeskCheck, UserID: a.ID, Recipient: a.Email, Locale: a.Locale, CreatedAt: now, NextAttemptAt: now})
	})
	if err != nil {
		return fmt.Errorf("verify a caller: %w", err)
	}
	s.wake()
	return nil
}

// LatestCheck returns the newest check of an account; the zero Check if there is none, or
// if its code went to another address than the account has now.
func (s *Service) LatestCheck(ctx context.Context, userID string) (Check, error) {
	c, err := s.latestCheck(ctx, userID)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCheckMoved) {
		return Check{}, nil
	}
	return c, err
}

// latestCheck returns the newest check of an account, ErrNotFound, or ErrCheckMoved.

func (s *Service) latestCheck(ctx context.Context, userID string) (Check, error) {
	c, err := s.store.LatestCheck(ctx, userID)
	if err != nil {
		return Check{}, err
	}
	d, err := s.store.Delivery(ctx, c.ID)
	if err != nil {
		return Check{}, err
	}
	a, err := s.store.Account(ctx, userID)
	if err == nil && a.Email != d.Recipient {
		err = ErrCheckMoved
	}
	if err != nil {
		return Check{}, err
	}
	c.Email, c.Mail, c.Reply = d.Recipient, d.MailState(), d.LastReply
	if c.Mail == "" { // it was dropped, or the server did not confirm it
		c.Mail = MailUnknown
	}
	if !d.BouncedAt.IsZero() {
		c.Mail = MailBounced
	}
	return c, nil
}

// TypeCode compares a code with that of the newest check of an account. It returns nil
// if it is right, ErrWrongCode, ErrCheckOver, or ErrCheckMoved.
func (s *Service) TypeCode(ctx context.Context, userID, code, by string) error {
	now := s.now()
	c, err := s.latestCheck(ctx, userID)
	if err != nil && !errors.Is(err, ErrNotFound) { // without a check, none is open
		return fmt.Errorf("compare a code: %w", err)
	}
	right := s.keys.sameCode(c.ID, code)
	err = s.store.TryCode(ctx, c.ID, right, now, by)
	switch {
	case errors.Is(err, ErrNotFound):
		return s.passedBefore(ctx, c, right, by)
	case err != nil:
		return fmt.Errorf("compare a code: %w", err)
	case !right:
		return ErrWrongCode
	}
	return nil
}

// SameCode returns ErrWrongCode unless the code is that of the newest check. It counts no
// try, so it is only for a form that TypeCode has answered.
func (s *Service) SameCode(ctx context.Context, userID, code string) error {
	c, err := s.LatestCheck(ctx, userID)
	if err != nil {
		return fmt.Errorf("compare a code: %w", err)
	}
	if !s.keys.sameCode(c.ID, code) {
		return ErrWrongCode
	}
	return nil
}

// passedBefore returns nil for the right code of a check that the same member passed just
// before, as after a double click, and otherwise ErrCheckOver.
func (s *Service) passedBefore(ctx context.Context, c Check, right bool, by string) error {
	again, err := s.LatestCheck(ctx, c.UserID)
	switch {
	case err != nil:
		return fmt.Errorf("compare a code: %w", err)
	case right && again.ID == c.ID && again.PassedBefore(s.now(), by):
		return nil
	default:
		return ErrCheckOver
	}
}

// codes is the number of codes.
const codes = 1_000_000

// code returns the six digits of a check.
func (k Keys) code(id ID) string { return code(k.keys[0], id) }

func code(key []byte, id ID) string {
	sum := mac(key, []byte(PurposeDeskCheck), id[:])
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(sum)%codes) // 2^64 is so large that the remainder favours no code
}

// sameCode reports whether a code that was typed, with blanks and the like between its digits
// or full-width digits, is that of a check under any of the keys.
func (k Keys) sameCode(id ID, typed string) (same bool) {
	typed = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || invisible(r) || r == '-' || r == '.' {
			return -1
		}
		return r
	}, norm.NFKC.String(typed))
	for _, key := range k.keys {
		same = subtle.ConstantTimeCompare([]byte(typed), []byte(code(key, id))) == 1 || same
	}
	return same
}
