package timing

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"strconv"
	"time"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/users"
)

const (
	// uses is how often each address is requested.
	uses = 8
	// atMost is the limit of requests for an address. It allows the request before
	// the measurement and those during it.
	atMost = uses + 2
	// window is the window of the limits and the lifetime of links, which limits it.
	// No run takes longer.
	window = 24 * time.Hour
	// plenty is a limit that is charged like any other but never reached.
	plenty = "100000000/24h"
)

// world is a database with addresses of all kinds.
type world struct {
	store     *store.Store
	known     []string
	unknown   []string
	inactive  []string
	throttled []string
	without   []string // a password
}

// prepare creates tables and accounts, and counts requests.
func prepare(ctx context.Context, o options, databaseURL string) (*world, error) {
	w := &world{}
	var err error
	if w.store, err = testkit.Migrated(ctx, databaseURL); err != nil {
		return nil, err
	}
	defer func() { _ = w.store.Close() }()
	if err := w.fill(ctx, (o.requests+uses-1)/uses); err != nil {
		return nil, err
	}
	return w, w.count(ctx)
}

// fill draws n addresses for each kind and stores the accounts.
func (w *world) fill(ctx context.Context, n int) error {
	now := time.Now()
	var all []users.User
	for i := range connections {
		address, err := reset.ParseAddress(ownAddress(i))
		if err != nil {
			return err
		}
		all = append(all, users.New(address, "Stranger", testkit.PasswordHash, now))
	}
	for range n {
		w.unknown = append(w.unknown, draw())
		for _, kind := range []struct {
			addresses    *[]string
			passwordHash string
			active       bool
		}{
			{&w.known, testkit.PasswordHash, true},
			{&w.throttled, testkit.PasswordHash, true},
			{&w.inactive, testkit.PasswordHash, false},
			{&w.without, "", true},
		} {
			address, err := reset.ParseAddress(draw())
			if err != nil {
				return err
			}
			*kind.addresses = append(*kind.addresses, address.Typed)
			u := users.New(address, "Example User", kind.passwordHash, now)
			u.Active = kind.active
			all = append(all, u)
		}
	}
	return w.store.AddUsers(ctx, all)
}

// draw returns a random address. All have the same length.
func draw() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:]) + "@example.org"
}

// secretKey is the program's key, so the counters have the same keys.
var secretKey = []byte("a key that this measurement alone knows")

// count counts the throttled addresses up to their limit, and each other address once.
func (w *world) count(ctx context.Context) error {
	keys, err := reset.NewKeys(secretKey)
	if err != nil {
		return err
	}
	secret := keys.Derive(limit.Purpose, limit.SecretBytes)[0]
	limits, err := limit.New(w.store, limit.Rules{Address: limit.Rule{Count: atMost, Window: window}}, secret, time.Now)
	if err != nil {
		return err
	}
	charge := func(addresses []string, times int) error {
		for _, a := range addresses {
			for range times {
				_, target := limits.FormKeys(limit.ForReset, netip.Addr{}, reset.Canonical(a))
				if _, err := limits.ChargeEach(ctx, w.store, []limit.Key{target}); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := charge(w.throttled, atMost); err != nil {
		return err
	}
	for _, addresses := range [][]string{w.known, w.unknown, w.inactive, w.without} {
		if err := charge(addresses, 1); err != nil {
			return err
		}
	}
	return nil
}

// start runs the program with its limits on.
func start(ctx context.Context, databaseURL, mailURL, limitAddress string) (*instance.Instance, error) {
	return instance.Start(ctx, "bin/resetd", map[string]string{
		"RESETD_DATABASE_URL":         databaseURL,
		"RESETD_MAIL_URL":             mailURL,
		"RESETD_MAIL_CONNECTIONS":     strconv.Itoa(connections),
		"RESETD_SECRET_KEY":           base64.StdEncoding.EncodeToString(secretKey),
		"RESETD_LINK_LIFETIME":        "24h",
		"RESETD_LIMIT_ADDRESS":        limitAddress,
		"RESETD_LIMIT_IP":             plenty,
		"RESETD_LIMIT_SIGNIN":         plenty,
		"RESETD_LIMIT_SIGNIN_ACCOUNT": plenty,
	}, "serve")
}
