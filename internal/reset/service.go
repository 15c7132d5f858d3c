package reset

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"resetd/internal/password"
)

// MaxLifetime is the longest that a mailed link may live (NIST SP 800-63B-4,
// section 4.2.1.2: recovery codes sent by email expire within 24 hours).
const MaxLifetime = 24 * time.Hour

// Passwords hashes and checks passwords. password.Hasher implements it.
type Passwords interface {
	Hash(ctx context.Context, use password.Use, plain string) (string, error)
	// Renew is Hash for an account that has a hash already.
	Renew(ctx context.Context, use password.Use, present, plain string) (string, error)
	Verify(ctx context.Context, use password.Use, stored, plain string) (bool, error)
	Usable(stored string) bool
}

// Breaches knows passwords from data breaches. breach.Checker implements it.
type Breaches interface {
	// Contains may wait for another server, so it is called outside transactions
	// and after all cheaper rules. The error is ErrUnchecked if the answer is
	// unknown and the password must not be set without it.
	Contains(ctx context.Context, plain string) (bool, error)
}

// Config holds the parts of a Service. All but Intake, Breaches, Wake, Count, SignIns
// and Explain are required.
type Config struct {
	Store     Store
	Intake    Intake // for Request
	Keys      Keys
	Passwords Passwords
	Policy    password.Policy
	Breaches  Breaches         // nil: passwords are not compared with breached ones
	Now       func() time.Time // the only clock; any zone
	Lifetime  time.Duration    // of a link, at most MaxLifetime
	Wake      func()           // called when an email has become due; may be nil
	Count     func(Outcome)    // called when something became of a reset; may be nil
	Explain   []Withheld       // for which reasons an account gets an email that explains them instead of a link

	// SignIns returns the owners of the counters of failed sign-ins to the account with a
	// stored address, see package limit; nil if the accounts sign in elsewhere.
	SignIns func(stored string) []string
	// Requests returns the counter of the requests for an address in its canonical form.
	Requests func(canonical string) string
}

// Service runs the life cycle.
type Service struct {
	store     Store
	intake    Intake
	keys      Keys
	passwords Passwords
	policy    password.Policy
	breaches  Breaches
	clock     func() time.Time
	lifetime  time.Duration
	wake      func()
	count     func(Outcome)
	signIns   func(string) []string
	requests  func(string) string
	explain   []Withheld
}

// New returns an error if a part is missing or Lifetime is out of range.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil || cfg.Passwords == nil || cfg.Now == nil || cfg.Keys.Empty() {
		return nil, errors.New("reset: Store, Keys, Passwords and Now are required")
	}
	if cfg.Lifetime <= 0 || cfg.Lifetime > MaxLifetime {
		return nil, errors.New("reset: Lifetime must be above 0 and at most 24 hours")
	}
	if cfg.Wake == nil {
		cfg.Wake = func() {}
	}
	if cfg.Count == nil {
		cfg.Count = func(Outcome) {}
	}
	return &Service{
		store: cfg.Store, intake: cfg.Intake, keys: cfg.Keys, passwords: cfg.Passwords, policy: cfg.Policy, breaches: cfg.Breaches,
		clock: cfg.Now, lifetime: cfg.Lifetime, wake: cfg.Wake, count: cfg.Count, signIns: cfg.SignIns, requests: cfg.Requests, explain: cfg.Explain,
	}, nil
}

// Lifetime returns how long a new link lives.
func (s *Service) Lifetime() time.Duration { return s.lifetime }

// Policy returns the rules for new passwords.
func (s *Service) Policy() password.Policy { return s.policy }

// now returns the current time in UTC. Each operation calls it once. It is cut to
// microseconds, the precision of both databases.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

func newID() ID { return uuid.New() }
