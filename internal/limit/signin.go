package limit

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Account names the account of a sign-in as it was typed, so a name without an
// account is counted like any other. It is never stored.
type Account string

// User returns the account of a normalised address.
func User(canonical string) Account { return Account("user " + canonical) }

// Users returns the accounts that an address may mean: the one with the very address, in
// its normal form, and those that are only written alike, which have its canonical form.
// Each has its own count, because the account with the very address may be somebody else's.
func Users(normal, canonical string) []Account {
	return []Account{User(normal), Account("alike " + canonical)}
}

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
	waits   []time.Duration // of each account; zero: it is within its limits
}

// ChargeSignIn charges a sign-in to all accounts that it may mean, see Users, or returns *TooMany if each is over its
// limit. A known browser is known to the first alone. The caller refunds a successful sign-in, so only failures
// count. The charge comes first, so concurrent failures can't exceed the limit.
func (l *Limiter) ChargeSignIn(ctx context.Context, ip netip.Addr, browser Browser, accounts ...Account) (Attempt, error) {
	if err := requireDeclared(ctx, PerSignIn); err != nil {
		return Attempt{}, err
	}
	scopes := []Scope{OneNetwork, AllNetworks}
	if browser != (Browser{}) {
		scopes, accounts = []Scope{OneBrowser, AllBrowsers}, accounts[:1]
	}
	a := Attempt{limiter: l, Source: digest(l.secret, network(ip)), waits: make([]time.Duration, len(accounts))}
	for _, scope := range scopes {
		n, err := a.charge(ctx, scope, ip, browser, accounts)
		if err != nil {
			return Attempt{}, err
		}
		if wait := slices.Min(a.waits); wait > 0 {
			return Attempt{}, &TooMany{wait}
		}
		a.Number, a.Total = cmp.Or(a.Number, n), n
	}
	return a, nil
}

// charge charges one scope of each account that is within its limits: a refused network is not charged to the account.
// It returns the highest count.
func (a *Attempt) charge(ctx context.Context, scope Scope, ip netip.Addr, browser Browser, accounts []Account) (n int, err error) {
	l, keys, at := a.limiter, []Key{}, map[string]int{}
	for i, account := range accounts {
		if a.waits[i] == 0 {
			key := l.signInKey(scope, ip, browser, account)
			keys, at[key.name] = append(keys, key), i
		}
	}
	a.keys = append(a.keys, keys...)
	counts, err := l.count(ctx, keys...)
	for _, c := range counts {
		n = max(n, c.Count)
		if c.Count > keys[0].rule.Count {
			a.waits[at[c.Key]] = max(time.Second, c.EndsAt.Sub(l.now()))
		}
		if c.Count == keys[0].rule.Count {
			a.Locks = scope
		}
	}
	if n > keys[0].rule.Count {
		l.reached(keys[0].what)
	}
	if a.Locks == scope && l.Locked != nil {
		l.Locked(scope)
	}
	return n, err
}

// signInKey returns the counter of a scope of an account.
func (l *Limiter) signInKey(scope Scope, ip netip.Addr, browser Browser, account Account) Key {
	rule := l.signInRule(scope)
	if scope == OneNetwork && ip.IsUnspecified() {
		rule = uncounted // all visitors whose address is not known would share it
	}
	who := map[Scope]string{OneNetwork: network(ip) + " ", OneBrowser: browser.id + " ", AllBrowsers: browser.group + " "}[scope]
	key := l.key(signInKeys[scope], who+string(account), rule)
	key.owner = Owner(l.secret, account)
	return key
}

// Refuses reports whether the account may not be signed in to even with its password. If no other is written alike, all
// ways of writing its address count, otherwise only its own.
func (a Attempt) Refuses(alone bool) bool {
	if alone {
		return a.waits[len(a.waits)-1] > 0
	}
	return a.waits[0] > 0
}

// Reached returns *TooMany if any account is over its limits, and nil otherwise. The answer to a wrong password depends
// on this, and so on what was typed alone.
func (a Attempt) Reached() error {
	if wait := slices.Max(a.waits); wait > 0 {
		return &TooMany{wait}
	}
	return nil
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

func (l *Limiter) count(ctx context.Context, keys ...Key) ([]Count, error) {
	now := l.now().UTC().Truncate(time.Microsecond)
	counts, err := l.counters.Charge(ctx, now, chargesOf(keys, now))
	if err != nil {
		return nil, fmt.Errorf("charge limits: %w", err)
	}
	return counts, nil
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

// Locks returns the present locks of an account, see Users, and until when requests for its
// canonical address are refused; zero: they are not.
func (l *Limiter) Locks(ctx context.Context, canonical string, accounts ...Account) (locks []Lock, requests time.Time, err error) {
	asked := RequestCounter(l.secret, canonical)
	for _, account := range accounts {
		counts, err := l.counters.CountsOf(ctx, l.now().UTC(), Owner(l.secret, account), asked)
		if err != nil {
			return nil, requests, fmt.Errorf("list locks: %w", err)
		}
		for _, c := range counts {
			if most := l.rules.Address.Count; c.Key == asked && most > 0 && c.Count >= most {
				requests = c.EndsAt
			}
			locks = append(locks, l.lockOf(c)...)
		}
	}
	slices.SortFunc(locks, func(a, b Lock) int { return cmp.Or(cmp.Compare(a.Scope, b.Scope), a.Until.Compare(b.Until)) })
	return slices.Compact(locks), requests, nil // most failures are counted for both accounts
}

func (l *Limiter) lockOf(c Count) (locks []Lock) {
	for scope, name := range signInKeys {
		if rule := l.signInRule(scope); strings.HasPrefix(c.Key, name+" ") && c.Count >= rule.Count {
			locks = append(locks, Lock{scope, rule.Count, c.EndsAt})
		}
	}
	return locks
}
