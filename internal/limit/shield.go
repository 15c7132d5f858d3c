package limit

import (
	"net/netip"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

const (
	// shielded is how many visitors a process remembers, about 200 bytes each;
	// it forgets those it has not seen for longest.
	shielded = 20_000
	// wider is how much more the shield lets through than the limit of requests
	// in the database: it must never be the narrower one, and other forms than
	// requests pass it too.
	wider = 4
)

// shield is a bucket for each visitor.
type shield struct {
	burst   int
	refill  time.Duration // of one
	buckets *lru.Cache[string, *rate.Limiter]
}

func newShield(r Rule) *shield {
	if r.Count == 0 {
		return nil
	}
	buckets, _ := lru.New[string, *rate.Limiter](shielded) // fails for a size below one alone
	return &shield{wider * r.Count, r.Window / time.Duration(wider*r.Count), buckets}
}

// Shield refuses a visitor who posts far more often than any person, before
// anything is read or looked up. It keeps the real time.
func (l *Limiter) Shield(ip netip.Addr) error {
	if l.shield == nil || l.shield.allow(network(ip)) {
		return nil
	}
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
