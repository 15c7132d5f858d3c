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
	Params  Params // of new hashes of resetd's own; not below OWASP's equivalents, not above the caps
	Scheme  Scheme // zero: Own
	Workers int    // hashes at once; 0: one for each CPU
	Queue   int    // hashes waiting, at least 100; 0: 200
}

// Hasher makes and verifies hashes. Those under way never take more than the
// larger of Workers times Params.MemoryKiB and one other hash (MaxMemoryKiB);
// what finished ones leave comes on top until the runtime collects it. A Hasher
// is safe for concurrent use.
type Hasher struct {
	params Params
	scheme Scheme
	pool   *pool
	model  record // what new hashes look like and cost; no password matches it
}

// NewHasher refuses parameters that are weak or above the caps, and a queue too
// short for a morning's sign-ins.
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
		cfg.Workers = runtime.GOMAXPROCS(0) // NumCPU would count what a container may not use
	}
	if cfg.Queue < minQueue || cfg.Workers < 0 {
		return nil, fmt.Errorf("password: Queue must be at least %d, Workers at least 1", minQueue)
	}
	return newHasher(cfg), nil
}

func newHasher(cfg Config) *Hasher {
	return &Hasher{cfg.Params, cfg.Scheme, newPool(cfg.Workers, cfg.Queue), cfg.Scheme.template(cfg.Params)}
}

// Own is a Hasher for passwords that resetd itself verifies. It does not use the
// accounts' scheme, and shares the pool.
func (h *Hasher) Own() *Hasher { return &Hasher{h.params, Own, h.pool, Own.template(h.params)} }

// Hash returns a new hash with a salt of its own. It returns ErrTooLong where the
// format has a limit, ErrBusy when too many are waiting, and the context's error
// when that ends before the hashing begins. With Match it has nothing to go by
// and fails: see Renew.
func (h *Hasher) Hash(ctx context.Context, use Use, plain string) (string, error) {
	return h.Renew(ctx, use, "", plain)
}

// Renew is Hash for an account that has a hash already, which says what the new
// one is to be like where the scheme's format is Match.
func (h *Hasher) Renew(ctx context.Context, use Use, present, plain string) (string, error) {
	next := h.model
	if h.scheme.Format == Match {
		stored, err := read(present)
		if err != nil {
			return "", fmt.Errorf("hash password: %w", errUnmatched)
		}
		next = h.scheme.like(stored)
	}
	var hash string
	var failed error
	err := h.pool.do(ctx, use, h.places(next), func() { hash, failed = next.fresh(h.scheme.input(plain)) })
	if err := errors.Join(err, failed); err != nil {
		return "", fmt.Errorf("hash password: %w", err)
	}
	return hash, nil
}

// Verify tells whether a stored hash is of this password. An unknown, broken or
// too costly one is no error: it matches nothing, and takes as long as a hash
// that Hash makes, so that an unknown account costs what a known one costs. The
// format need not be the scheme's: which ones an application takes is its own
// matter. The errors are those of the pool: ErrBusy, or the context's.
func (h *Hasher) Verify(ctx context.Context, use Use, stored, plain string) (bool, error) {
	hash, unusable := read(stored)
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

// Usable tells whether any password can verify against a stored hash. Where none
// can, the account has no local password. It hashes nothing.
func (h *Hasher) Usable(stored string) bool {
	_, err := read(stored)
	return err == nil
}

// places is how many workers' share of memory a hash takes, rounded up.
func (h *Hasher) places(hash record) int64 {
	share := int64(h.params.MemoryKiB)
	return max(1, (int64(hash.memoryKiB())+share-1)/share)
}
