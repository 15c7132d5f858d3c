package users

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// SignUp is a sign-up that waits for its confirmation. All times are UTC.
type SignUp struct {
	ID            reset.ID // also the id of its delivery
	ExpiresAt     time.Time
	Email         string    // normalised
	ConfirmedAt   time.Time // zero if not confirmed
	ConfirmedByIP netip.Addr
	Outdated      bool // a newer link was sent to the address
}

// SignUpStore stores sign-ups. Package intake adds them.
type SignUpStore interface {
	// FindAccounts returns the accounts with this address.
	FindAccounts(ctx context.Context, a reset.Address) ([]reset.Account, error)
	// SignUp returns the row, or reset.ErrNotFound.
	SignUp(ctx context.Context, id reset.ID) (SignUp, error)
	// Confirm creates the account of a sign-up, and adds an event. It returns
	// reset.ErrNotFound if the sign-up is confirmed, expired at now or outdated, and
	// ErrExists if the address has an account. Exactly one of several concurrent
	// calls succeeds.
	Confirm(ctx context.Context, id reset.ID, u User, by reset.Client) error
}

// SignUpConfig holds the parts of SignUps. All but Breaches and Wake are required.
type SignUpConfig struct {
	Store     SignUpStore
	Intake    reset.Intake
	Keys      reset.Keys
	Passwords reset.Passwords
	Policy    password.Policy
	Breaches  reset.Breaches   // nil: passwords are not compared with breached ones
	Now       func() time.Time // any zone
	Wake      func()           // called when an email has become due; may be nil
}

// SignUps creates accounts. A visitor enters only an address, and chooses the name and
// the password after following the link in the email to it. So nobody chooses a password for
// somebody else's address, and the answer to a visitor does not reveal whether the
// address has an account.
type SignUps struct{ SignUpConfig }

// NewSignUps returns an error if a required part is missing.
func NewSignUps(cfg SignUpConfig) (*SignUps, error) {
	if cfg.Store == nil || cfg.Intake == nil || cfg.Passwords == nil || cfg.Now == nil || cfg.Keys.Empty() {
		return nil, errors.New("users: Store, Intake, Keys, Passwords and Now are required")
	}
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	return &SignUps{cfg}, nil
}

// Request asks for a link to create an account. Like the request of a reset it looks
// nothing up. The worker finds out whether the address has an account, see
// reset.Service.Match. The locale is the browser's.
func (s *SignUps) Request(ctx context.Context, address reset.Address, by reset.Client, locale string) error {
	now, id := s.now(), uuid.New()
	up := reset.Reset{
		ID: id, CreatedAt: now, ExpiresAt: now.Add(reset.SignUpLifetime), Email: address.Normal,
		CreatedByIP: by.IP, CreatedByAgent: by.Agent,
	}
	d := reset.Delivery{ID: id, Kind: reset.KindSignUpConfirm, Recipient: address.Normal, Locale: locale, CreatedAt: now, NextAttemptAt: now}
	if err := s.Intake.Receive(ctx, up, d); err != nil {
		return fmt.Errorf("sign up: %w", err)
	}
	s.Wake()
	return nil
}

// now returns the time in UTC and microseconds, the precision of both databases.
func (s *SignUps) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
