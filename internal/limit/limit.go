// Package limit limits the number of requests for one address and the number of
// attempts by one visitor or with one link.
//
// The counters are in the database, so all instances count together and a restart
// loses nothing. They are charged before an account is looked up: a limit that only
// existing accounts reach would reveal which addresses have accounts. Each process
// also has a shield in memory, which keeps a flood of requests from the database.
package limit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Rule allows Count attempts in each Window. A Count of 0 means no limit.
type Rule struct {
	Count  int
	Window time.Duration
}

// Rules are the limits of an installation.
type Rules struct {
	Address Rule // requests for one address, with or without an account
	IP      Rule // requests from one IP address, or IPv6 /64
	Link    Rule // attempts with one genuine link
	SignIn  Rule // failed sign-ins to one account, from one IP address or IPv6 /64, or by one known browser

	// SignInAccount limits failed sign-ins to one account, from all IP addresses, or
	// by all known browsers.
	SignInAccount Rule
}

// Charge adds N to the counter of a key.
type Charge struct {
	Key    string
	N      int
	EndsAt time.Time // the end of the window, if a new one begins now
	Owner  string    // whose counter it is; empty: nobody's
}

// Count is how often a key was charged in the current window.
type Count struct {
	Key    string
	Count  int
	EndsAt time.Time
}

// Charger charges counters in the database.
type Charger interface {
	// Charge adds to each key; the keys are sorted and differ. If the key's window
	// has ended, a new one begins.
	Charge(ctx context.Context, now time.Time, charges []Charge) ([]Count, error)
}

// Counters are the counters in the database. They change outside any other
// transaction: an attempt counts even if its transaction is rolled back.
type Counters interface {
	Charger
	// Refund subtracts one from each key.
	Refund(ctx context.Context, now time.Time, keys []string) error
	// CountsOf returns the counters of an owner, and the one with a key, whose windows have
	// not ended.
	CountsOf(ctx context.Context, now time.Time, owner, key string) ([]Count, error)
}

// TooMany is the error for a visitor who has to wait.
type TooMany struct{ RetryAfter time.Duration }

func (e *TooMany) Error() string { return "too many tries" }

// Limiter applies rules.
type Limiter struct {
	counters Counters
	rules    Rules
	secret   []byte
	now      func() time.Time
	shield   *shield

	// Reached is called with the name of a limit that was reached, and Locked when failed
	// sign-ins lock a scope. Set them before the first use; nil: not called.
	Reached func(what string)
	Locked  func(Scope)
}

// Purpose is the purpose of the secret, see reset.Keys.Derive.
const Purpose = "limit counters"

// SecretBytes is the minimum length of the secret for New.
const SecretBytes = sha256.Size

// New returns a limiter with the clock now. The secret hides the addresses in the
// database: a digest without a secret could be reversed by trying addresses.
func New(counters Counters, rules Rules, secret []byte, now func() time.Time) (*Limiter, error) {
	if counters == nil || now == nil || len(secret) < SecretBytes {
		return nil, errors.New("limit: counters, a secret and a clock are required")
	}
	return &Limiter{counters: counters, rules: rules, secret: secret, now: now, shield: newShield(rules.IP)}, nil
}

// Form is a form that anybody may send with an address. Each form has its own
// counters: sign-ups with somebody's address must not throttle the owner's requests.
type Form string

// The forms.
const (
	ForReset  Form = "request"
	ForSignUp Form = "sign-up"
)

// FormKeys returns the keys of a form: of its visitor, and of its address. Only a
// form that the visitor's key lets through may be charged to the address: a refused
// visitor must not use up the limit of somebody else's address.
func (l *Limiter) FormKeys(f Form, ip netip.Addr, address string) (visitor, target Key) {
	return l.visitor(f, ip), l.key(string(f)+" for", address, l.rules.Address)
}

// RequestCounter returns the name of the counter of requests for an address.
func RequestCounter(secret []byte, canonical string) string {
	return string(ForReset) + " for " + digest(secret, canonical)
}

func (l *Limiter) visitor(f Form, ip netip.Addr) Key {
	return l.keyOf(string(f)+" from", ip, l.rules.IP)
}

// ChargeVisitor charges the visitor for a form without an address.
func (l *Limiter) ChargeVisitor(ctx context.Context, f Form, ip netip.Addr) error {
	if err := requireDeclared(ctx, PerIP); err != nil {
		return err
	}
	return l.chargeOrRefuse(ctx, l.visitor(f, ip))
}

// ChargeLink charges an attempt with a genuine link.
func (l *Limiter) ChargeLink(ctx context.Context, id fmt.Stringer) error {
	if err := requireDeclared(ctx, PerLink); err != nil {
		return err
	}
	return l.chargeOrRefuse(ctx, l.key("link", id.String(), l.rules.Link))
}

// Once runs do, unless it ran for the same form within a time. A double click sends a form
// twice, and so does a browser whose connection was cut before the answer. So do goes on
// after the client has disconnected. If it fails, the form can be sent again.
func (l *Limiter) Once(ctx context.Context, form string, within time.Duration, do func(context.Context) error) error {
	key := l.key("form", form, Rule{Count: 1, Window: within})
	counts, err := l.count(ctx, key)
	if err != nil || counts[0].Count > 1 {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err = do(ctx); err != nil {
		return errors.Join(err, l.refund(ctx, []Key{key}))
	}
	return nil
}

// RequireDeclared returns an error unless the route of a form declares the form's limits.
func (l *Limiter) RequireDeclared(ctx context.Context) error {
	return requireDeclared(ctx, PerIP, PerAddress)
}

// key returns the key of a counter. Its name contains a keyed digest of the value, so the
// database stores no typed text, and its length is fixed.
func (l *Limiter) key(what, value string, rule Rule) Key {
	return Key{name: what + " " + digest(l.secret, value), what: what, rule: rule}
}

func digest(secret []byte, value string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(value))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// keyOf returns the key of a visitor's counter. A visitor whose IP address is not known
// has no limit: all of them would share it.
func (l *Limiter) keyOf(what string, ip netip.Addr, rule Rule) Key {
	if ip.IsUnspecified() {
		rule = Rule{}
	}
	return l.key(what, network(ip), rule)
}

// network returns an IPv4 address, or the /64 of an IPv6 address, because one
// customer usually has a whole /64 (RFC 6177).
func network(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}
