package limit

import (
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

const (
	// maxVisitors is how many visitors a process remembers, about 200 bytes each.
	// It drops the visitors that it has not seen for the longest time.
	maxVisitors = 20_000
	// shieldFactor is how many times more posts the shield allows than the
	// database limit on requests. The shield must not be stricter than that limit,
	// and it counts the other forms too.
	shieldFactor = 4
)

// shield is a token bucket for each visitor.
type shield struct {
	burst   int
	refill  time.Duration // of one token
	buckets *lru.Cache[string, *rate.Limiter]
}

func newShield(r Rule) *shield {
	if r.Count == 0 {
		return nil
	}
	buckets, _ := lru.New[string, *rate.Limiter](maxVisitors) // fails only for a size below 1
	return &shield{shieldFactor * r.Count, r.Window / time.Duration(shieldFactor*r.Count), buckets}
}

// Shield refuses a visitor who posts far more often than a person would. It runs
// before the form is read and uses the real time, not the limiter's clock.
func (l *Limiter) Shield(ip netip.Addr) error {
	if l.shield == nil || ip.IsUnspecified() || l.shield.allow(network(ip)) {
		return nil
	}
	l.reached("shield")
	return &TooMany{max(time.Second, l.shield.refill)}
}

func (s *shield) allow(visitor string) bool {
	bucket, known := s.buckets.Get(visitor)
	if !known {
		bucket = rate.NewLimiter(rate.Every(s.refill), s.burst)
		if other, raced, _ := s.buckets.PeekOrAdd(visitor, bucket); raced {
			bucket = other
		}
	}
	return bucket.Allow()
}
