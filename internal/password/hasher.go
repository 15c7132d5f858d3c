package password

import (
	"context"
	"errors"
	"fmt"
	"runtime"
)

const (
	defaultQueue = 200
	minQueue     = 100
)

// Config of a Hasher. Params are required.
type Config struct {
	Params  Params // of new argon2id hashes; not weaker than OWASP's minimum, not above the caps
	Scheme  Scheme // zero: Own
	Workers int    // concurrent hashes; 0: Processors
	Queue   int    // waiting hashes, at least 100; 0: 200

	// Observe is called when a password arrives. The function that it returns is called
	// when its hash is computed, or could not be. It may be nil.
	Observe func() func(error)
}

// Processors is how many processors the program may use. NumCPU would ignore the limit of a
// container, and GOMAXPROCS is raised while the program serves.
var Processors = runtime.GOMAXPROCS(0)

// Hasher makes and verifies hashes. The running hashes take at most Workers times
// Params.MemoryKiB, or the memory of one larger hash (MaxMemoryKiB). Memory of
// finished hashes comes on top until the runtime collects it. A Hasher is safe for
// concurrent use.
type Hasher struct {
	params Params
	scheme Scheme
	pool   *pool
	model  storedHash // has the format and the cost of new hashes; no password matches it
}

// NewHasher refuses parameters that are weak or above the caps, and a queue that is
// too short for the sign-ins of a busy time.
func NewHasher(cfg Config) (*Hasher, error) {
	if err := cfg.Params.checkNew(); err != nil {
		return nil, fmt.Errorf("password: Params: %w", err)
	}
	if cfg.Scheme == (Scheme{}) {
		cfg.Scheme = Own
	}
	if err := cfg.Scheme.Check(); err != nil {
		return nil, fmt.Errorf("password: Scheme: %w", err)
	}
	if cfg.Queue == 0 {
		cfg.Queue = defaultQueue
	}
	if cfg.Workers == 0 {
		cfg.Workers = Processors
	}
	if cfg.Queue < minQueue || cfg.Workers < 0 {
		return nil, fmt.Errorf("password: Queue must be at least %d, Workers at least 1", minQueue)
	}
	return newHasher(cfg), nil
}

func newHasher(cfg Config) *Hasher {
	h := &Hasher{cfg.Params, cfg.Scheme, newPool(cfg.Workers, cfg.Queue), cfg.Scheme.template(cfg.Params)}
	if cfg.Observe != nil {
		h.pool.observe = cfg.Observe
	}
	return h
}

// Waiting returns how many passwords wait for a hash, and how many may.
func (h *Hasher) Waiting() (n, most int) {
	h.pool.mu.Lock()
	defer h.pool.mu.Unlock()
	return h.pool.waiting, h.pool.queue
}

// Own returns a Hasher for passwords that resetd itself verifies. It uses resetd's own
// scheme and shares the pool.
func (h *Hasher) Own() *Hasher { return &Hasher{h.params, Own, h.pool, Own.template(h.params)} }

// Hash returns a new hash with a new salt. It returns ErrTooLong if the password
// exceeds the limit of the format, ErrBusy if too many are waiting, and the context's
// error if the context ends before the hashing begins. With Match it fails, because
// there is no hash to match: see Renew.
func (h *Hasher) Hash(ctx context.Context, use Use, plain string) (string, error) {
	return h.Renew(ctx, use, "", plain)
}

// Renew is Hash for an account with a present hash. With Match the new hash has the
// format of the present one.
func (h *Hasher) Renew(ctx context.Context, use Use, present, plain string) (string, error) {
	next := h.model
	if h.scheme.Format == Match {
		var err error
		if next, err = h.scheme.like(present); err != nil {
			return "", fmt.Errorf("hash password: %w", err)
		}
	}
	var hash string
	var failed error
	err := h.pool.do(ctx, use, h.places(next), func() { hash, failed = next.fresh(h.scheme.input(plain)) })
	if err := errors.Join(err, failed); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Verify reports whether a password matches a stored hash. An unknown, broken or too
// costly hash is not an error. It matches nothing and takes as long as a new hash, so
// an unknown account costs as much as a known one. Hashes of all known formats are
// verified, not only those of the scheme. The errors are ErrBusy and the context's.
func (h *Hasher) Verify(ctx context.Context, use Use, stored, plain string) (bool, error) {
	hash, unusable := h.scheme.read(stored)
	if unusable != nil {
		hash = h.model
	}
	var match bool
	err := h.pool.do(ctx, use, h.places(hash), func() { match = hash.matches(h.scheme.input(plain)) })
	if err != nil {
		return false, fmt.Errorf("verify password: %w", err)
	}
	return match && unusable == nil, nil
}

// Usable reports whether an account with this stored hash has a password that can be
// replaced, see Scheme.Usable.
func (h *Hasher) Usable(stored string) bool { return h.scheme.Usable(stored) }

// places returns the memory of a hash in units of one worker's memory, rounded up.
func (h *Hasher) places(hash storedHash) int64 {
	share := int64(h.params.MemoryKiB)
	return max(1, (int64(hash.memoryKiB())+share-1)/share)
}
