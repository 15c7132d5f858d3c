package reset_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"resetd/internal/accounts"
	"resetd/internal/history"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
	"resetd/internal/users"
)

const oldPassword, newPassword = testkit.Password, "an otter in the attic"

// world is a service on one database, with a clock that the test moves.
type world struct {
	*testing.T
	db     testkit.Database
	store  *store.Store
	clock  *testkit.Clock
	resets *reset.Service
	hasher *password.Hasher
}

func eachWorld(t *testing.T, test func(w world), directory ...accounts.Directory) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		w := world{T: t, db: db, store: db.Open(t, directory...), clock: testkit.NewClock()}
		var err error
		if w.hasher, err = password.NewHasher(password.Config{Params: password.OWASP}); err != nil {
			t.Fatal(err)
		}
		w.resets = w.service()
		test(w)
	})
}

// service returns another service on the same database.
func (w world) service(change ...func(*reset.Config)) *reset.Service {
	w.Helper()
	cfg := reset.Config{
		Store: w.store, Intake: testkit.Intake{Store: w.store}, Keys: keys(w, 0), Passwords: w.hasher, Now: w.clock.Now, Lifetime: time.Hour,
	}
	for _, f := range change {
		f(&cfg)
	}
	s, err := reset.New(cfg)
	w.must(err)
	return s
}

// meanwhile is service with a hasher that does something before it hashes.
func (w world) meanwhile(do func()) *reset.Service {
	return w.service(func(cfg *reset.Config) { cfg.Passwords = interrupted{w.hasher, do} })
}

func sign(k reset.Keys) func(*reset.Config) { return func(cfg *reset.Config) { cfg.Keys = k } }

func (w world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w world) user(email string, change ...func(*users.User)) reset.Account {
	w.Helper()
	return testkit.AddUser(w, w.store, email, testkit.PasswordHash, change...)
}

// emails requests a reset for an address and returns the emails that are due.
func (w world) mails(email string) []reset.Mail {
	w.Helper()
	w.must(w.resets.Request(w.Context(), testkit.Address(w, email), testkit.Visitor, ""))
	return w.due()
}

// due leases and prepares until nothing is due.
func (w world) due() (due []reset.Mail) {
	w.Helper()
	for {
		leased, err := w.resets.Lease(w.Context(), reset.AllDue, time.Minute, 10)
		w.must(err)
		if len(leased) == 0 {
			return due
		}
		for _, d := range leased {
			for _, m := range w.prepare(d) {
				w.must(w.resets.Sent(w.Context(), m.Delivery, "250 ok"))
				due = append(due, m)
			}
		}
	}
}

// prepare does what the worker does with a leased delivery.
func (w world) prepare(d reset.Delivery) []reset.Mail {
	w.Helper()
	if d.Received() {
		mails, err := w.resets.Match(w.Context(), []reset.Delivery{d})
		w.must(err)
		return mails
	}
	m, err := w.resets.Prepare(w.Context(), d)
	if errors.Is(err, reset.ErrNothingToSend) {
		w.must(w.resets.Dropped(w.Context(), []reset.Delivery{d}))
		return nil
	}
	w.must(err)
	return []reset.Mail{m}
}

func (w world) link(email string) reset.ID {
	w.Helper()
	mails := w.mails(email)
	if len(mails) != 1 {
		w.Fatalf("%d emails are due, want 1", len(mails))
	}
	id, err := w.resets.Verify(mails[0].Token.Encode())
	w.must(err)
	return id
}

func (w world) want(got, want error) {
	w.Helper()
	if !errors.Is(got, want) {
		w.Errorf("error: got %v, want %v", got, want)
	}
}

func TestNewRequiresItsSafetyParts(t *testing.T) {
	for name, cfg := range map[string]reset.Config{
		"nothing":        {},
		"no keys":        {Store: &store.Store{}, Passwords: &password.Hasher{}, Now: time.Now, Lifetime: time.Hour},
		"a long life":    {Store: &store.Store{}, Passwords: &password.Hasher{}, Now: time.Now, Keys: keys(t, 0), Lifetime: 25 * time.Hour},
		"no life at all": {Store: &store.Store{}, Passwords: &password.Hasher{}, Now: time.Now, Keys: keys(t, 0)},
	} {
		if _, err := reset.New(cfg); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestWithheldResetsAreRowsWithoutMail(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("inactive@example.org", func(u *users.User) { u.Active = false })
		w.user("new@example.org", func(u *users.User) { u.PasswordHash = "" })
		w.user("broken@example.org", func(u *users.User) { u.PasswordHash = "!not a hash" })
		for email, why := range map[string]reset.Withheld{
			"nobody@example.org": reset.WithheldNoAccount, "inactive@example.org": reset.WithheldInactive,
			"new@example.org": reset.WithheldNoPassword, "broken@example.org": reset.WithheldNoPassword,
		} {
			if mails := w.mails(email); len(mails) != 0 {
				w.Errorf("%s: %d emails are due, want none", email, len(mails))
			}
			rows := testkit.Resets(w, w.store, history.Filter{Email: email}, w.clock.Now())
			if len(rows) != 1 || rows[0].Withheld != why || rows[0].AccountState != "" {
				w.Errorf("%s: got %+v, want one row withheld for %s", email, rows, why)
			}
		}
	})
}

func TestExpiryIsExact(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		id := w.link("user@example.org")
		w.clock.Add(time.Hour - time.Microsecond)
		_, err := w.resets.Show(w.Context(), id)
		w.must(err)
		w.clock.Add(time.Microsecond)
		_, err = w.resets.Open(w.Context(), id, testkit.Visitor, reset.Fetch{})
		w.want(err, reset.ErrExpired)
		w.want(w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor), reset.ErrExpired)
		if mails := w.due(); len(mails) != 0 {
			w.Errorf("%d emails of an expired link are due, want none", len(mails))
		}
	})
}

// The application may change the password after a link was checked and before it
// is used.
func TestUseRollsBackIfTheAccountChanges(t *testing.T) {
	eachWorld(t, func(w world) {
		a := w.user("user@example.org")
		id := w.link("user@example.org")
		service := w.meanwhile(func() { w.db.SQL(w.T, `UPDATE users SET password_hash = 'changed'`) })
		w.want(service.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor), reset.ErrRevoked)
		got, err := w.store.Account(w.Context(), a.ID)
		w.must(err)
		r, err := w.store.Reset(w.Context(), id)
		w.must(err)
		if got.PasswordHash != "changed" || !r.UsedAt.IsZero() || r.RevokedBy != reset.RevokedAccountChanged {
			w.Errorf("got hash %q, used %v, revoked by %q; want the application's hash, never, account_changed",
				got.PasswordHash, r.UsedAt, r.RevokedBy)
		}
		if mails := w.due(); len(mails) != 0 {
			w.Errorf("%d notices are due, want none", len(mails))
		}
	})
}

// A link signed with an old key, and the account's state under that key, are valid
// while the key is listed.
func TestLinksSurviveAChangeOfKeys(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		m := w.mails("user@example.org")[0]
		old := m.Token.Encode()
		w.resets = w.service(sign(keys(t, 1, 0)))
		id, err := w.resets.Verify(old)
		w.must(err)
		w.must(w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor))
		w.resets = w.service(sign(keys(t, 1)))
		_, err = w.resets.Verify(old)
		w.want(err, reset.ErrNoLink)
	})
}

func TestUseNotifiesTheOwnerAndEndsOtherLinks(t *testing.T) {
	eachWorld(t, func(w world) {
		a := w.user("user@example.org")
		first := w.link("user@example.org")
		other := testkit.Reset(w.clock.Now(), a.ID, func(r *reset.Reset) {
			r.AccountState = keys(w, 0).AccountState(a)
		})
		w.must(w.store.Insert(w.Context(), other, testkit.Delivery(w.clock.Now().Add(time.Hour), other)))
		w.must(w.resets.Use(w.Context(), first, newPassword, newPassword, testkit.Visitor))
		mails := w.due()
		if len(mails) != 1 || mails[0].Delivery.Kind != reset.KindPasswordChanged || mails[0].Delivery.Recipient != "user@example.org" {
			w.Fatalf("due: %v, want one notice to the owner", mails)
		}
		r, err := w.store.Reset(w.Context(), other.ID)
		w.must(err)
		if r.RevokedBy != reset.RevokedOtherLink {
			w.Errorf("the other link was revoked by %q, want other_link", r.RevokedBy)
		}
		w.want(w.resets.Use(w.Context(), first, "a newer otter in the attic", "a newer otter in the attic", testkit.Visitor), reset.ErrUsed)
	})
}

func TestOneOfTwoConcurrentUsesWins(t *testing.T) {
	eachWorld(t, func(w world) {
		for range 5 {
			a := w.user("user" + w.clock.Now().Format("150405") + "@example.org")
			state := keys(w, 0).AccountState(a)
			var ids [2]reset.ID
			for i := range ids {
				r := testkit.Reset(w.clock.Now(), a.ID, func(r *reset.Reset) { r.AccountState = state })
				w.must(w.store.Insert(w.Context(), r, testkit.Delivery(w.clock.Now(), r)))
				ids[i] = r.ID
			}
			var errs [2]error
			var wg sync.WaitGroup
			for i, id := range ids {
				wg.Go(func() { errs[i] = w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor) })
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				w.Fatalf("got %v and %v, want one winner", errs[0], errs[1])
			}
			w.clock.Add(time.Second)
		}
	})
}

// interrupted is a hasher that calls meanwhile before it hashes.
type interrupted struct {
	*password.Hasher
	meanwhile func()
}

func (i interrupted) Renew(ctx context.Context, use password.Use, present, plain string) (string, error) {
	i.meanwhile()
	return i.Hasher.Renew(ctx, use, present, plain)
}
