// Package limit bounds how often one address, visitor or link is acted on.
//
// The counters are in the database, so that all instances count together and a
// restart forgets nothing. They are charged before anything is looked up: a
// limit that only real accounts reach would tell which addresses are real. In
// front of them each process has a shield of its own, which keeps a flood from
// the database.
package limit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// Rule allows Count of something in each Window; a Count of 0 is no limit.
type Rule struct {
	Count  int
	Window time.Duration
}

// Rules are the limits of an installation.
type Rules struct {
	Address Rule // requests for one address, whether an account has it or not
	IP      Rule // requests from one IP address, or IPv6 /64
	Link    Rule // attempts with one genuine link
	SignIn  Rule // failed sign-ins, for one address and from one IP address
}

// Charge is one more of something that is counted by a key until its window
// ends.
type Charge struct {
	Key    string
	EndsAt time.Time // of a window that begins now
}

// Count is how often a key was charged in the window that runs.
type Count struct {
	Key    string
	Count  int
	EndsAt time.Time
}

// Counters are kept in the database, outside any other transaction: what is
// rolled back was tried all the same.
type Counters interface {
	// Charge adds one to each key, beginning a new window where the last one
	// ended by now.
	Charge(ctx context.Context, now time.Time, charges []Charge) ([]Count, error)
	// Refund takes one back from each key.
	Refund(ctx context.Context, now time.Time, keys []string) error
}

// TooMany is the error of a visitor who has to wait.
type TooMany struct{ RetryAfter time.Duration }

func (e *TooMany) Error() string { return "too many tries" }

// Limiter applies rules.
type Limiter struct {
	counters Counters
	rules    Rules
	secret   []byte
	now      func() time.Time
	shield   *shield
}

// Purpose is what the secret is derived for, from the keys of an installation.
const Purpose = "limit counters"

// SecretBytes is the length of the secret that New takes.
const SecretBytes = sha256.Size

// New returns a limiter with a clock. The secret keeps addresses out of the
// database: a plain digest of an address can be found by trying addresses.
func New(counters Counters, rules Rules, secret []byte, now func() time.Time) (*Limiter, error) {
	if counters == nil || now == nil || len(secret) < SecretBytes {
		return nil, errors.New("limit: counters, a secret and a clock are required")
	}
	return &Limiter{counters, rules, secret, now, newShield(rules.IP)}, nil
}

// Request charges a request for an address. Too many from one IP address are
// *TooMany; too many for one address are told in silence, since the answer to
// the visitor is the same.
func (l *Limiter) Request(ctx context.Context, ip netip.Addr, address string) (throttled bool, err error) {
	visitor, asked := l.key("request from", network(ip)), l.key("request for", address)
	over, err := l.charge(ctx, map[string]Rule{visitor: l.rules.IP, asked: l.rules.Address})
	if err != nil {
		return false, err
	}
	if wait, ok := over[visitor]; ok {
		// Nobody was asked for: a visitor who is refused must not use up what
		// others may ask.
		return false, errors.Join(&TooMany{wait}, l.refund(ctx, map[string]Rule{asked: l.rules.Address}))
	}
	_, throttled = over[asked]
	return throttled, nil
}

// Visit charges a request that names no address.
func (l *Limiter) Visit(ctx context.Context, ip netip.Addr) error {
	return l.only(ctx, map[string]Rule{l.key("request from", network(ip)): l.rules.IP})
}

// Link charges an attempt with a genuine link.
func (l *Limiter) Link(ctx context.Context, id fmt.Stringer) error {
	return l.only(ctx, map[string]Rule{l.key("link", id.String()): l.rules.Link})
}

// SignIn charges a sign-in for what was typed. If it succeeds, refund takes the
// charge back: only failures count, and concurrent ones can't slip through.
func (l *Limiter) SignIn(ctx context.Context, ip netip.Addr, typed string) (refund func(context.Context) error, err error) {
	visitor, account := l.key("sign-in from", network(ip)), l.key("sign-in as", typed)
	keys := map[string]Rule{visitor: l.rules.SignIn, account: l.rules.SignIn}
	over, err := l.charge(ctx, keys)
	if err != nil {
		return nil, err
	}
	if _, ok := over[visitor]; ok { // as above
		err = l.refund(ctx, map[string]Rule{account: l.rules.SignIn})
	}
	if err := errors.Join(tooMany(over), err); err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return l.refund(ctx, keys) }, nil
}

// only is for limits that are told to the visitor.
func (l *Limiter) only(ctx context.Context, keys map[string]Rule) error {
	over, err := l.charge(ctx, keys)
	if err != nil {
		return err
	}
	return tooMany(over)
}

// tooMany is nil where nothing is over its limit.
func tooMany(over map[string]time.Duration) error {
	if len(over) == 0 {
		return nil
	}
	return &TooMany{slices.Max(slices.Collect(maps.Values(over)))}
}

// key names what is counted. What visitors type is neither kept in clear nor as
// long as they like.
func (l *Limiter) key(what, value string) string {
	digest := hmac.New(sha256.New, l.secret)
	digest.Write([]byte(value))
	return what + " " + base64.RawURLEncoding.EncodeToString(digest.Sum(nil)[:16])
}

// network is an IPv4 address, or the /64 that an IPv6 customer has to himself
// (RFC 6177).
func network(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}
