package limit

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"strings"
	"time"
)

// Account names the account of a sign-in as it was typed, so a name without an
// account is counted like any other. It is never stored.
type Account string

// User returns the account of a normalised address.
func User(canonical string) Account { return Account("user " + canonical) }

// Member returns the account of a staff member. Names ignore case.
func Member(typed string) Account {
	return Account("staff " + strings.ToLower(strings.TrimSpace(typed)))
}

// Scope is how far a lock reaches.
type Scope string

// The scopes of locks.
const (
	OneNetwork  Scope = "network"        // sign-ins from one network
	AllNetworks Scope = "account"        // sign-ins from all networks
	OneBrowser  Scope = "browser"        // sign-ins by one known browser
	AllBrowsers Scope = "known_browsers" // sign-ins by all known browsers of one group
)

// signInKeys are the names of the counters. Known browsers have their own, so that a
// stranger's failures do not lock them.
var signInKeys = map[Scope]string{
	OneNetwork: "sign-in from", AllNetworks: "sign-in to", OneBrowser: "known sign-in by", AllBrowsers: "known sign-in to",
}

// uncounted replaces the rule of a sign-in without a limit. Failures are numbered in
// any case, because their numbers decide which of them are recorded.
var uncounted = Rule{math.MaxInt32, time.Hour}

// Attempt is a sign-in that was charged before its password is verified.
type Attempt struct {
	Number int    // of this failure among those from the same network or browser
	Total  int    // of this failure among those from all networks or known browsers
	Locks  Scope  // what this failure locks; empty: nothing
	Source string // keyed digest of the network

	limiter *Limiter
	keys    []Key
}

// ChargeSignIn charges a sign-in, or returns *TooMany. The caller refunds a successful sign-in, so only failures
// count. The charge comes first, so concurrent failures can't exceed the limit.
func (l *Limiter) ChargeSignIn(ctx context.Context, ip netip.Addr, account Account, browser Browser) (Attempt, error) {
	if err := requireDeclared(ctx, PerSignIn); err != nil {
		return Attempt{}, err
	}
	a, scopes := Attempt{limiter: l, Source: digest(l.secret, network(ip))}, []Scope{OneNetwork, AllNetworks}
	values := []string{network(ip) + " " + string(account), string(account)}
	if browser != (Browser{}) {
		scopes, values = []Scope{OneBrowser, AllBrowsers}, []string{browser.id + " " + string(account), browser.group + " " + string(account)}
	}
	counts := make([]int, len(scopes))
	for i, scope := range scopes { // a refused network is not charged to the account
		rule := l.signInRule(scope)
		if scope == OneNetwork && ip.IsUnspecified() {
			rule = uncounted // all visitors whose address is not known would share it
		}
		key := l.key(signInKeys[scope], values[i], rule)
		key.owner = Owner(l.secret, account)
		c, err := l.count(ctx, key)
		if err != nil {
			return Attempt{}, err
		}
		if c.Count > key.rule.Count {
			l.reached(key.what)
			return Attempt{}, &TooMany{max(time.Second, c.EndsAt.Sub(l.now()))}
		}
		if c.Count == key.rule.Count {
			a.Locks = scope
			if l.Locked != nil {
				l.Locked(scope)
			}
		}
		counts[i], a.keys = c.Count, append(a.keys, key)
	}
	a.Number, a.Total = counts[0], counts[1]
	return a, nil
}

// Refund takes back the charge of a sign-in that succeeded or was not decided.
func (a Attempt) Refund(ctx context.Context) error { return a.limiter.refund(ctx, a.keys) }

func (l *Limiter) signInRule(s Scope) Rule {
	rule := l.rules.SignIn
	if s == AllNetworks || s == AllBrowsers {
		rule = l.rules.SignInAccount
	}
	if rule.Count == 0 {
		return uncounted
	}
	return rule
}

func (l *Limiter) count(ctx context.Context, key Key) (Count, error) {
	now := l.now().UTC().Truncate(time.Microsecond)
	counts, err := l.counters.Charge(ctx, now, chargesOf([]Key{key}, now))
	if err != nil {
		return Count{}, fmt.Errorf("charge limits: %w", err)
	}
	return counts[0], nil
}

// Owner returns the name under which the counters of an account's sign-ins can be
// listed and removed together.
func Owner(secret []byte, account Account) string { return digest(secret, "owner "+string(account)) }

// Lock is a limit of sign-ins that an account has reached.
type Lock struct {
	Scope    Scope
	Failures int
	Until    time.Time
}

// Locks returns the present locks of an account, and until when requests for its
// canonical address are refused; zero: they are not.
func (l *Limiter) Locks(ctx context.Context, account Account, canonical string) (locks []Lock, requests time.Time, err error) {
	asked := RequestCounter(l.secret, canonical)
	counts, err := l.counters.CountsOf(ctx, l.now().UTC(), Owner(l.secret, account), asked)
	if err != nil {
		return nil, requests, fmt.Errorf("list locks: %w", err)
	}
	for _, c := range counts {
		if most := l.rules.Address.Count; c.Key == asked && most > 0 && c.Count >= most {
			requests = c.EndsAt
		}
		for scope, name := range signInKeys {
			if rule := l.signInRule(scope); strings.HasPrefix(c.Key, name+" ") && c.Count >= rule.Count {
				locks = append(locks, Lock{scope, rule.Count, c.EndsAt})
			}
		}
	}
	return locks, requests, nil
}
