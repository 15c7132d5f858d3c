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
	ID             reset.ID // also the id of its delivery
	CreatedAt      time.Time
	ExpiresAt      time.Time
	Email          string // normalised
	Name           string // may be empty
	PasswordHash   string // empty if no account will be created, and after the confirmation
	CreatedByIP    netip.Addr
	CreatedByAgent string
	ConfirmedAt    time.Time // zero if not confirmed
}

// SignUpStore stores sign-ups.
type SignUpStore interface {
	// FindAccounts returns the accounts with this address.
	FindAccounts(ctx context.Context, a reset.Address) ([]reset.Account, error)
	// AddSignUp adds a sign-up and its delivery, both or neither.
	AddSignUp(ctx context.Context, s SignUp, d reset.Delivery) error
	// SignUp returns the row, or reset.ErrNotFound.
	SignUp(ctx context.Context, id reset.ID) (SignUp, error)
	// Confirm creates the account of a sign-up. It returns reset.ErrNotFound if
	// the sign-up is confirmed or expired at now, and ErrExists if the address has
	// an account. Exactly one of several concurrent calls succeeds.
	Confirm(ctx context.Context, s SignUp, now time.Time) error
}

// SignUpConfig holds the parts of SignUps. All but Breaches and Wake are required.
type SignUpConfig struct {
	Store     SignUpStore
	Keys      reset.Keys
	Passwords reset.Passwords
	Policy    password.Policy
	Breaches  reset.Breaches   // nil: passwords are not compared with breached ones
	Now       func() time.Time // any zone
	Wake      func()           // called when an email has become due; may be nil
}

// SignUps creates accounts. A sign-up waits until the visitor follows the link in the
// email to its address and presses the button. Only then the account is created. So
// nobody gets an account with somebody else's address, and the answer to a visitor
// does not reveal whether the address has an account.
type SignUps struct{ SignUpConfig }

// NewSignUps returns an error if a required part is missing.
func NewSignUps(cfg SignUpConfig) (*SignUps, error) {
	if cfg.Store == nil || cfg.Passwords == nil || cfg.Now == nil || cfg.Keys.Empty() {
		return nil, errors.New("users: Store, Keys, Passwords and Now are required")
	}
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	return &SignUps{cfg}, nil
}

// SignUpForm is the submitted form with the parsed address.
type SignUpForm struct {
	Address            reset.Address
	Name, Plain, Again string
}

// Check returns all problems of the password. It does not query the accounts, so it
// reveals nothing about them.
func (s *SignUps) Check(f SignUpForm) []password.Problem {
	return s.Policy.Check(f.Plain, f.Again, password.Person{Name: f.Name, Email: f.Address.Typed})
}

// Request sends the link to confirm the account. If the address has an account
// already, it notifies the owner instead. For every address it takes the same steps:
// hash the password, look up accounts, write two rows. A throttled request takes the
// same steps and sends nothing. It returns *reset.RefusedPassword for a password that is
// known from a data breach, or reset.ErrUnchecked.
func (s *SignUps) Request(ctx context.Context, f SignUpForm, by reset.Client, throttled bool) error {
	if err := reset.RefuseBreached(ctx, s.Breaches, f.Plain); err != nil {
		return err
	}
	// Anybody may sign up, so a sign-up waits in the same queue as sign-ins and does
	// not delay resets.
	hash, err := s.Passwords.Hash(ctx, password.ForSignIn, f.Plain)
	if err != nil {
		return fmt.Errorf("sign up: %w", err)
	}
	found, err := s.Store.FindAccounts(ctx, f.Address)
	if err != nil {
		return fmt.Errorf("sign up: %w", err)
	}
	waiting, d := s.draft(f, hash, by)
	switch {
	case throttled:
		waiting.PasswordHash, d.Recipient = "", ""
	case len(found) > 0:
		waiting.PasswordHash = ""
		d.Kind, d.UserID, d.Recipient, d.Locale = reset.KindSignUpExists, found[0].ID, found[0].Email, found[0].Locale
	}
	if err := s.Store.AddSignUp(ctx, waiting, d); err != nil {
		return fmt.Errorf("sign up: %w", err)
	}
	s.Wake()
	return nil
}

func (s *SignUps) draft(f SignUpForm, hash string, by reset.Client) (SignUp, reset.Delivery) {
	now, id := s.now(), uuid.New()
	up := SignUp{
		ID: id, CreatedAt: now, ExpiresAt: now.Add(reset.SignUpLifetime), Email: f.Address.Normal, Name: f.Name,
		PasswordHash: hash, CreatedByIP: by.IP, CreatedByAgent: by.Agent,
	}
	return up, reset.Delivery{
		ID: id, Kind: reset.KindSignUpConfirm, Recipient: f.Address.Normal, CreatedAt: now, NextAttemptAt: now,
		IP: by.IP, Agent: by.Agent,
	}
}

// now returns the time in UTC and microseconds, the precision of both databases.
func (s *SignUps) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
