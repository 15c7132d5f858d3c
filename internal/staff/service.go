package staff

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"resetd/internal/reset"
)

// Resets is what staff do to resets. reset.Service is the real one.
type Resets interface {
	HashNew(ctx context.Context, a reset.Account, plain, again string) (string, error)
	RequestAgain(ctx context.Context, id reset.ID, by string, c reset.Client) (reset.ID, error)
	RevokeBy(ctx context.Context, id reset.ID, by string) error
}

// Config is what a Service is made of. All of it is required.
type Config struct {
	Store     Store
	Resets    Resets
	Passwords reset.Passwords
	Keys      reset.Keys
	Now       func() time.Time // the only clock; any zone
	Site      string           // as authenticator apps name it
}

// Service signs staff in and lets them act.
type Service struct {
	store     Store
	resets    Resets
	passwords reset.Passwords
	sealer    sealer
	states    [][]byte // keys, the first makes
	clock     func() time.Time
	site      string
}

// New refuses to start without a part that safety rests on.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil || cfg.Resets == nil || cfg.Passwords == nil || cfg.Keys.Empty() || cfg.Now == nil || cfg.Site == "" {
		return nil, errors.New("staff: Store, Resets, Passwords, Keys, Now and Site are required")
	}
	sealer, err := newSealer(cfg.Keys)
	if err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	return &Service{
		store: cfg.Store, resets: cfg.Resets, passwords: cfg.Passwords, sealer: sealer,
		states: cfg.Keys.Derive("staff session", stateBytes), clock: cfg.Now, site: cfg.Site,
	}, nil
}

// Audit returns the n newest entries with an id below before (0: all).
func (s *Service) Audit(ctx context.Context, before int64, n int) ([]Entry, error) {
	entries, err := s.store.Audit(ctx, before, n)
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	return entries, nil
}

// ActionsOn returns what members newly did about a reset, or tried to, at most n.
func (s *Service) ActionsOn(ctx context.Context, id reset.ID, n int) ([]Entry, error) {
	entries, err := s.store.ActionsOn(ctx, id.String(), n)
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

// now is the time of an operation, which reads it once: UTC, in microseconds.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

const (
	// recordTimeout is how long an entry may take.
	recordTimeout = 5 * time.Second
	// The longest texts that are kept, in bytes.
	maxTyped  = 64
	maxTarget = 2000
	// MaxReason is how long a reason may be, in characters.
	MaxReason = 500
	maxAgent  = 400
)

// record puts an entry on record even if whoever caused it has hung up since.
func (s *Service) record(ctx context.Context, e Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	e.At = s.now()
	e.Member, e.Target, e.Reason, e.Agent = clean(e.Member, maxTyped), clean(e.Target, maxTarget), clean(e.Reason, utf8.UTFMax*MaxReason), clean(e.Agent, maxAgent)
	if err := s.store.Record(ctx, e); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// recorded puts an act on record, then does it.
func (s *Service) recorded(ctx context.Context, e Entry, act func() error) error {
	if err := s.record(ctx, e); err != nil {
		return err
	}
	return s.outcome(ctx, e, act())
}

// outcome passes on what became of an act that is on record. If that is nothing,
// it is on record too.
func (s *Service) outcome(ctx context.Context, e Entry, err error) error {
	if err == nil {
		return nil
	}
	e.Refused = refusal(err)
	return errors.Join(err, s.record(ctx, e))
}

// clean makes a text that both databases take: UTF-8 without NUL, not longer
// than what is kept.
func clean(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}
