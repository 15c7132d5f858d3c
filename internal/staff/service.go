package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"resetd/internal/password"
	"resetd/internal/reset"
)

// Resets is the actions of staff on resets. reset.Service implements it.
type Resets interface {
	RequestAgain(ctx context.Context, id reset.ID, shown, by string, c reset.Client) (reset.ID, error)
	RequestFor(ctx context.Context, accountID, shown, by string, c reset.Client) (reset.ID, error)
	RevokeAllBy(ctx context.Context, userID, by string) error
	EndSessions(ctx context.Context, userID, by string, c reset.Client) error
	RevokeBy(ctx context.Context, id reset.ID, by string) error
	Unlock(ctx context.Context, userID, by string, c reset.Client) error
	AccountOf(ctx context.Context, id reset.ID) (userID string, err error)
	StartCheck(ctx context.Context, userID, by string) error
	LatestCheck(ctx context.Context, userID string) (reset.Check, error)
	TypeCode(ctx context.Context, userID, code, by string) error
	SameCode(ctx context.Context, userID, code string) error
}

// NewPasswords checks and hashes what members choose, in the format that Passwords
// verifies. The accounts may have another one.
type NewPasswords interface {
	HashNew(ctx context.Context, a reset.Account, plain, again string) (string, error)
	Policy() password.Policy
}

// Accounts makes built-in accounts active or inactive.
type Accounts interface {
	// SetActive also ends the sessions and links of an account that becomes inactive.
	// It returns reset.ErrNotFound if there is no such account.
	SetActive(ctx context.Context, userID string, active bool, now time.Time, by string, c reset.Client) error
}

// Config holds the parts of a Service. All but Accounts and SignIns are required.
type Config struct {
	Store     Store
	Resets    Resets
	Passwords reset.Passwords
	New       NewPasswords // in the format of Passwords
	Keys      reset.Keys
	Accounts  Accounts         // nil: the accounts belong to another application
	Now       func() time.Time // the only clock; any zone
	Site      string           // the name in authenticator apps
	Checks    Checks           // whether callers are verified

	// SignIns returns the owner of the counters of failed sign-ins with a name, see
	// package limit; nil if there are none.
	SignIns func(name string) string
}

// Service signs staff in, and authorises and records their actions.
type Service struct {
	store     Store
	resets    Resets
	passwords reset.Passwords
	chosen    NewPasswords
	accounts  Accounts
	keys      reset.Keys
	sealer    sealer   // of stored secrets
	setups    sealer   // of secrets in forms
	states    [][]byte // keys of states; new states use the first
	clock     func() time.Time
	site      string
	signIns   func(string) string
	checks    Checks
}

// New returns an error if a part is missing.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil || cfg.Resets == nil || cfg.Passwords == nil || cfg.New == nil || cfg.Keys.Empty() || cfg.Now == nil || cfg.Site == "" {
		return nil, errors.New("staff: Store, Resets, Passwords, New, Keys, Now and Site are required")
	}
	if cfg.SignIns == nil {
		cfg.SignIns = func(string) string { return "" }
	}
	sealer, err := newSealer(cfg.Keys, "staff TOTP secret")
	setups, e := newSealer(cfg.Keys, "staff TOTP setup")
	if err := errors.Join(err, e); err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	return &Service{
		store: cfg.Store, resets: cfg.Resets, passwords: cfg.Passwords, chosen: cfg.New, accounts: cfg.Accounts, keys: cfg.Keys, sealer: sealer, setups: setups,
		states: cfg.Keys.Derive("staff session", stateBytes), clock: cfg.Now, site: cfg.Site,
		signIns: cfg.SignIns, checks: cfg.Checks,
	}, nil
}

// ActionsOn returns the n newest actions and attempts of members with a reason, on
// resets or accounts, from since on and before until. A zero time is no bound.
func (s *Service) ActionsOn(ctx context.Context, targets []string, since, until time.Time, n int) ([]Entry, error) {
	entries, err := s.store.ActionsOn(ctx, targets, since, until, n)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return entries, nil
}

// Members lists all by name.
func (s *Service) Members(ctx context.Context) ([]Member, error) {
	all, err := s.store.Members(ctx)
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	return all, nil
}

// now returns the current time in UTC and microseconds. Each operation calls it once.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }
