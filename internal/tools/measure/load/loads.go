package load

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/users"
)

const plain = "walrus-on-a-bicycle"

// world is a database with accounts and links.
type world struct {
	store *store.Store
	keys  reset.Keys
	links []reset.ID
	count int
}

func (w *world) close() { _ = w.store.Close() }

// hashesPerSecond measures argon2id without the program, with the same parameters.
func hashesPerSecond(ctx context.Context, o options) (float64, error) {
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP, Queue: 1000})
	if err != nil {
		return 0, err
	}
	stop := time.Now().Add(o.duration / 2)
	r, err := repeat(ctx, o.conns, func(ctx context.Context) (bool, error) {
		if time.Now().After(stop) {
			return true, nil
		}
		_, err := hasher.Hash(ctx, password.ForReset, plain)
		return false, err
	})
	return r.perSecond(), err
}

// prepare creates tables, accounts with the same hash, and links.
func prepare(ctx context.Context, o options, databaseURL string) (*world, error) {
	directory, err := accounts.Load(accounts.Builtin)
	if err != nil {
		return nil, err
	}
	w := &world{count: o.accounts}
	if w.store, err = store.Open(databaseURL, directory); err != nil {
		return nil, err
	}
	if err := w.store.MigrateUp(ctx, true); err != nil {
		return nil, err
	}
	if w.keys, err = reset.NewKeys(secretKey); err != nil {
		return nil, err
	}
	return w, w.fill(ctx, o)
}

// batch is how many accounts a transaction adds.
const batch = 1000

func (w *world) fill(ctx context.Context, o options) error {
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP})
	if err != nil {
		return err
	}
	hash, err := hasher.Hash(ctx, password.ForReset, plain)
	if err != nil {
		return err
	}
	now := time.Now()
	all := make([]users.User, o.accounts)
	for i := range all {
		address, err := reset.ParseAddress(email(i))
		if err != nil {
			return err
		}
		all[i] = users.New(address, "Example User", hash, now)
	}
	for at := 0; at < len(all); at += batch {
		if err := w.store.AddUsers(ctx, all[at:min(at+batch, len(all))]); err != nil {
			return err
		}
	}
	for _, u := range all[:min(o.uses, len(all))] {
		if err := w.addLink(ctx, u, now); err != nil {
			return err
		}
	}
	return nil
}

// addLink adds a live link whose email is settled.
func (w *world) addLink(ctx context.Context, u users.User, now time.Time) error {
	a := reset.Account{ID: u.ID.String(), Email: u.Email, PasswordHash: u.PasswordHash}
	r := reset.Reset{
		ID: uuid.New(), CreatedAt: now, ExpiresAt: now.Add(time.Hour), UserID: a.ID, Email: a.Email,
		CreatedByIP: netip.MustParseAddr("203.0.113.9"), RequestedBy: reset.RequestedByUser, AccountState: w.keys.AccountState(a),
	}
	w.links = append(w.links, r.ID)
	return w.store.Insert(ctx, r, reset.Delivery{ID: uuid.New(), ResetID: r.ID, Kind: reset.KindResetLink, Recipient: a.Email, CreatedAt: now})
}

func email(i int) string { return fmt.Sprintf("user%d@example.org", i) }

// load is one kind of work.
type load struct {
	name    string
	ceiling bool // the reference of other loads
	hashes  bool // its reference is the hash alone, measured before and after
	once    func(ctx context.Context, s *server, n int) error
	most    int // maximum number of requests; 0: limited only by the time
}

func (w *world) loads(o options) []load {
	return []load{
		{name: "health check", ceiling: true, once: func(ctx context.Context, s *server, _ int) error {
			return s.get(ctx, "/healthz")
		}},
		{name: "form page", once: func(ctx context.Context, s *server, _ int) error {
			return s.get(ctx, "/password-reset")
		}},
		// Before the requests, because their emails keep the worker busy.
		{name: "use of a link", hashes: true, most: len(w.links), once: func(ctx context.Context, s *server, n int) error {
			id := w.links[n]
			cookie := &http.Cookie{Name: "resetd_link", Value: w.keys.Token(reset.PurposeResetLink, id).Encode()} //nolint:gosec // sent by the client
			return s.post(ctx, "/password-reset/confirm", cookie,
				"reset", id.String(), "new_password", "an otter in the attic", "confirm_password", "an otter in the attic")
		}},
		{name: "request, known", once: func(ctx context.Context, s *server, n int) error {
			return s.post(ctx, "/password-reset", nil, "email", email(o.uses+n*7919%(w.count-o.uses)))
		}},
		{name: "request, unknown", once: func(ctx context.Context, s *server, n int) error {
			return s.post(ctx, "/password-reset", nil, "email", fmt.Sprintf("nobody%d@example.org", n))
		}},
	}
}

func (l load) run(ctx context.Context, o options, s *server) (result, error) {
	var n atomic.Int64
	stop := time.Now().Add(o.duration)
	return repeat(ctx, o.conns, func(ctx context.Context) (bool, error) {
		i := int(n.Add(1)) - 1
		if l.most > 0 && i >= l.most || l.most == 0 && time.Now().After(stop) {
			return true, nil
		}
		return false, l.once(ctx, s, i)
	})
}

func (s *server) get(ctx context.Context, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return err
	}
	return s.send(req, http.StatusOK)
}

func (s *server) post(ctx context.Context, path string, cookie *http.Cookie, pairs ...string) error {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if cookie != nil {
		req.AddCookie(cookie)
	}
	return s.send(req, http.StatusSeeOther)
}

// send returns an error for any other status, because errors may be faster.
func (s *server) send(req *http.Request, want int) error {
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	if res.StatusCode != want {
		return fmt.Errorf("%s %s: status %d, want %d", req.Method, req.URL.Path, res.StatusCode, want)
	}
	return nil
}
