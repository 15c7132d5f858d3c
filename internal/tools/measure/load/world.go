package load

import (
	"context"
	"net/netip"
	"time"

	"github.com/google/uuid"

	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
	"resetd/internal/users"
)

const (
	accountCount = 20_000
	linkCount    = 300
)

// world is a database with accounts and links.
type world struct {
	store *store.Store
	keys  reset.Keys
	links []reset.ID
}

func (w *world) close() { _ = w.store.Close() }

// openWorld opens a database and creates its tables, unless it has them.
func openWorld(ctx context.Context, databaseURL string) (w *world, err error) {
	w = &world{}
	if w.keys, err = reset.NewKeys(secretKey); err != nil {
		return nil, err
	}
	w.store, err = testkit.Migrated(ctx, databaseURL)
	return w, err
}

// prepare creates tables, accounts with the same hash, and links.
func prepare(ctx context.Context, databaseURL string) (*world, error) {
	w, err := openWorld(ctx, databaseURL)
	if err != nil {
		return nil, err
	}
	all, err := testkit.AddUsers(ctx, w.store, accountCount)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, u := range all[:linkCount] {
		if err := w.addLink(ctx, u, now); err != nil {
			return nil, err
		}
	}
	if w.store.Dialect.Product == "PostgreSQL" { // autovacuum does it in time; nothing does it on SQLite
		_, err = w.store.Pool().SQL().ExecContext(ctx, `ANALYZE`)
	}
	return w, err
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
