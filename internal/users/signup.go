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

// SignUp is what somebody typed, waiting. All times are UTC.
type SignUp struct {
	ID             reset.ID // of its delivery too
	CreatedAt      time.Time
	ExpiresAt      time.Time
	Email          string // normalised
	Name           string // may be empty
	PasswordHash   string // empty where no account will come of it, and once one has
	CreatedByIP    netip.Addr
	CreatedByAgent string
	ConfirmedAt    time.Time // zero until then
}

// SignUpStore keeps sign-ups beside the accounts.
type SignUpStore interface {
	// FindAccounts returns the accounts with this address.
	FindAccounts(ctx context.Context, a reset.Address) ([]reset.Account, error)
	// AddSignUp adds a sign-up and the delivery that it is due, both or neither.
	AddSignUp(ctx context.Context, s SignUp, d reset.Delivery) error
	// SignUp returns the row, or reset.ErrNotFound.
	SignUp(ctx context.Context, id reset.ID) (SignUp, error)
	// Confirm makes an account of a sign-up that is neither confirmed nor
	// expired at now, otherwise it returns reset.ErrNotFound. Of any number of
	// concurrent calls one succeeds. ErrExists if the address has an account.
	Confirm(ctx context.Context, s SignUp, now time.Time) error
}

// SignUpConfig is what SignUps is made of. All but Wake are required.
type SignUpConfig struct {
	Store     SignUpStore
	Keys      reset.Keys
	Passwords reset.Passwords
	Policy    password.Policy
	Now       func() time.Time // any zone
	Wake      func()           // called when a mail has become due; may be nil
}

// SignUps makes accounts. What was typed waits beside the accounts until the link
// that was mailed to its address is followed and its button pressed: only then is
// there an account. So nobody gets an account with somebody else's address, and
// whoever signs up is told the same whether the address has an account or not.
type SignUps struct{ SignUpConfig }

// NewSignUps refuses to start without a part that safety rests on.
func NewSignUps(cfg SignUpConfig) (*SignUps, error) {
	if cfg.Store == nil || cfg.Passwords == nil || cfg.Now == nil || cfg.Keys.Empty() {
		return nil, errors.New("users: Store, Keys, Passwords and Now are required")
	}
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	return &SignUps{cfg}, nil
}

// SignUpForm is what somebody typed, the address understood.
type SignUpForm struct {
	Address            reset.Address
	Name, Plain, Again string
}

// Check returns everything that is wrong with the password. It asks nobody, so
// it tells nothing about accounts.
func (s *SignUps) Check(f SignUpForm) []password.Problem {
	return s.Policy.Check(f.Plain, f.Again, password.Person{Name: f.Name, Email: f.Address.Typed})
}

// Request mails the link that makes the account, or tells the owner of an
// existing one that somebody tried. Whatever the address is, the same is done:
// the password is hashed, accounts are looked up, two rows are written. A
// throttled request costs the same, and nothing is mailed.
func (s *SignUps) Request(ctx context.Context, f SignUpForm, by reset.Client, throttled bool) error {
	// Anybody may sign up, so it waits where sign-ins do and never keeps a
	// reset from its hash.
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

// now is UTC in microseconds, the finest that both databases keep.
func (s *SignUps) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }
