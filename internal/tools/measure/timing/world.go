package timing

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/limit"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store"
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

const plain = "walrus-on-a-bicycle"

// world is a database with addresses of all kinds.
type world struct {
	store     *store.Store
	hash      string // of plain
	known     []string
	unknown   []string
	inactive  []string
	throttled []string
	without   []string // a password
}

// prepare creates tables and accounts, and counts requests.
func prepare(ctx context.Context, o options, databaseURL string) (*world, error) {
	directory, err := accounts.Load(accounts.Builtin)
	if err != nil {
		return nil, err
	}
	w := &world{}
	if w.store, err = store.Open(databaseURL, directory); err != nil {
		return nil, err
	}
	defer func() { _ = w.store.Close() }()
	if err := w.store.MigrateUp(ctx, true); err != nil {
		return nil, err
	}
	hasher, err := password.NewHasher(password.Config{Params: password.Params{
		MemoryKiB: uint32(o.memory) * 1024, Passes: uint32(o.passes), Threads: 1, // as in the program's settings
	}})
	if err != nil {
		return nil, err
	}
	if w.hash, err = hasher.Hash(ctx, password.ForReset, plain); err != nil {
		return nil, err
	}
	if err := w.fill(ctx, (o.requests+uses-1)/uses); err != nil {
		return nil, err
	}
	return w, w.count(ctx)
}

// fill draws n addresses for each kind and stores the accounts.
func (w *world) fill(ctx context.Context, n int) error {
	now := time.Now()
	var all []users.User
	for range n {
		w.unknown = append(w.unknown, draw())
		for _, kind := range []struct {
			addresses    *[]string
			passwordHash string
			active       bool
		}{
			{&w.known, w.hash, true},
			{&w.throttled, w.hash, true},
			{&w.inactive, w.hash, false},
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
	ctx = limit.Declare(ctx, limit.PerIP, limit.PerAddress)
	charge := func(addresses []string, times int) error {
		for _, a := range addresses {
			for range times {
				if _, err := limits.SignUp(ctx, netip.Addr{}, reset.Canonical(a)); err != nil {
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
func (w *world) start(ctx context.Context, o options, databaseURL, dir string) (*instance.Instance, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return instance.Start(ctx, o.binary, map[string]string{
		"RESETD_DATABASE_URL":  databaseURL,
		"RESETD_MAIL_URL":      "file:" + dir + "/mails",
		"RESETD_SECRET_KEY":    base64.StdEncoding.EncodeToString(secretKey),
		"RESETD_LINK_LIFETIME": "24h",
		"RESETD_LIMIT_ADDRESS": fmt.Sprintf("%d/24h", atMost),
		"RESETD_LIMIT_IP":      plenty,
		"RESETD_LIMIT_SIGNIN":  plenty,

		"RESETD_LIMIT_SIGNIN_ACCOUNT": plenty,

		"RESETD_HASH_MEMORY": strconv.Itoa(o.memory),
		"RESETD_HASH_PASSES": strconv.Itoa(o.passes),
	}, "serve")
}
