package limit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// untouched are counters that must not be used.
type untouched struct{ t *testing.T }

func (u untouched) Charge(context.Context, time.Time, []Charge) ([]Count, error) {
	u.t.Error("the counters were charged")
	return nil, nil
}

func (u untouched) Refund(context.Context, time.Time, []string) error {
	u.t.Error("the counters were refunded")
	return nil
}

func (u untouched) CountsOf(context.Context, time.Time, string, string) ([]Count, error) {
	u.t.Error("the counters were read")
	return nil, nil
}

func TestVisitorIsAnIPv4AddressOrAnIPv6Network(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.9": "203.0.113.9", "::ffff:203.0.113.9": "203.0.113.9", "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64",
	} {
		if got := network(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: got %s, want %s", ip, got, want)
		}
	}
}

func TestKeysContainNoTypedText(t *testing.T) {
	limiter := func(secret byte) *Limiter {
		l, err := New(untouched{t}, Rules{}, bytes.Repeat([]byte{secret}, SecretBytes), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := limiter(1)
	a, b := l.key("sign-in as", strings.Repeat("user@example.org", 1000), Rule{}).name, l.key("sign-in as", "other@example.org", Rule{}).name
	if a == b || len(a) > 64 || strings.Contains(a, "example") || l.key("x", "y", Rule{}).name == l.key("y", "x", Rule{}).name {
		t.Errorf("got %q and %q", a, b)
	}
	if l.key("sign-in as", "other@example.org", Rule{}).name != b || limiter(2).key("sign-in as", "other@example.org", Rule{}).name == b {
		t.Error("the key must depend on the value and the secret only")
	}
}

func TestNoLimitMeansNoQuery(t *testing.T) {
	l, err := New(untouched{t}, Rules{}, make([]byte, SecretBytes), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, ip := Declare(t.Context(), PerIP, PerAddress, PerLink), netip.MustParseAddr("203.0.113.9")
	if err := errors.Join(l.ChargeLink(ctx, ip), l.ChargeVisitor(ctx, ForReset, ip), l.Shield(ip)); err != nil {
		t.Error(err)
	}
}

func TestShieldCountsEachVisitorSeparately(t *testing.T) {
	l, err := New(untouched{t}, Rules{IP: Rule{Count: 3, Window: time.Hour}}, make([]byte, SecretBytes), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		ip := netip.MustParseAddr(fmt.Sprintf("203.0.113.%d", i))
		allowed := 0
		for l.Shield(ip) == nil {
			allowed++
		}
		if allowed != shieldFactor*3 {
			t.Errorf("visitor %d: %d requests were allowed, want %d", i, allowed, shieldFactor*3)
		}
	}
}

func TestOnlyDeclaredLimitsAreCharged(t *testing.T) {
	l, err := New(untouched{t}, Rules{IP: Rule{Count: 3, Window: time.Hour}}, make([]byte, SecretBytes), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, ip := Declare(t.Context(), PerAddress), netip.MustParseAddr("203.0.113.9")
	if l.RequireDeclared(ctx) == nil {
		t.Error("a request was charged although its route declares no limit per IP address")
	}
	if _, err := l.ChargeSignIn(ctx, ip, Browser{}, User("user@example.org")); err == nil {
		t.Error("a sign-in was charged although its route declares no limit for it")
	}
	if l.ChargeVisitor(ctx, ForReset, ip) == nil || l.ChargeLink(ctx, ip) == nil {
		t.Error("a visitor or a link was charged although its route does not declare that")
	}
}

// counted returns the charges as counts, as if all windows were new.
type counted struct{ Counters }

func (counted) Charge(_ context.Context, _ time.Time, charges []Charge) ([]Count, error) {
	counts := make([]Count, len(charges))
	for i, c := range charges {
		counts[i] = Count{Key: c.Key, Count: c.N, EndsAt: c.EndsAt}
	}
	return counts, nil
}

// A browser whose connection was cut sends its form again, perhaps before the first answer.
func TestFormActsOnceAlthoughTheClientIsGone(t *testing.T) {
	l, err := New(counted{}, Rules{}, make([]byte, SecretBytes), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cut := context.WithCancel(t.Context())
	err = l.Once(ctx, "form", time.Minute, func(ctx context.Context) error {
		cut()
		return ctx.Err()
	})
	if err != nil {
		t.Errorf("the action was interrupted: %v", err)
	}
}

// A batch of 64 requests from one IP address.
func BenchmarkChargeEach(b *testing.B) {
	l, err := New(counted{}, Rules{IP: Rule{Count: 100, Window: time.Hour}, Address: Rule{Count: 5, Window: time.Hour}}, make([]byte, SecretBytes), time.Now)
	if err != nil {
		b.Fatal(err)
	}
	ip := netip.MustParseAddr("203.0.113.9")
	b.ReportAllocs()
	for b.Loop() {
		var visitors, targets []Key
		for i := range 64 {
			visitor, target := l.FormKeys(ForReset, ip, fmt.Sprintf("user%d@example.org", i))
			visitors, targets = append(visitors, visitor), append(targets, target)
		}
		for _, keys := range [][]Key{visitors, targets} {
			if _, err := l.ChargeEach(b.Context(), counted{}, keys); err != nil {
				b.Fatal(err)
			}
		}
	}
}
