package load

import (
	"context"
	"fmt"
	"net/netip"
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
	if err := w.fill(ctx, o); err != nil {
		return nil, err
	}
	_, err = w.store.Pool().SQL().ExecContext(ctx, `ANALYZE`) // as autovacuum does in time
	return w, err
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
