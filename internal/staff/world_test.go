package staff_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/pquerna/otp/totp"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

const good, better = "walrus-on-a-bicycle", "an otter in the attic"

// world is a service on one database, with a clock that the test moves.
type world struct {
	*testing.T
	db     testkit.Database
	store  *store.Store
	clock  *testkit.Clock
	resets *reset.Service
	hasher *hasher
	staff  *staff.Service
}

func eachWorld(t *testing.T, test func(w *world)) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		w := &world{T: t, db: db, store: db.Open(t), clock: testkit.NewClock(), hasher: &hasher{}}
		var err error
		w.resets, err = reset.New(reset.Config{
			Store: w.store, Intake: testkit.Intake{Store: w.store}, Keys: keys(t, "a"), Passwords: w.hasher, Now: w.clock.Now, Lifetime: time.Hour,
		})
		w.must(err)
		w.staff = w.service(keys(t, "a"))
		test(w)
	})
}

func (w *world) config(k reset.Keys) staff.Config {
	return staff.Config{Store: w.store, Resets: w.resets, Passwords: w.hasher, New: w.resets, Keys: k, Now: w.clock.Now, Site: "Example"}
}

func (w *world) service(k reset.Keys) *staff.Service {
	w.Helper()
	s, err := staff.New(w.config(k))
	w.must(err)
	return s
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) want(got, want error) {
	w.Helper()
	if !errors.Is(got, want) {
		w.Errorf("error: got %v, want %v", got, want)
	}
}

// add adds a member without a TOTP secret, and signs them in.
func (w *world) add(name string, role staff.Role) staff.Member {
	w.Helper()
	_, err := w.staff.Add(w.Context(), staff.Operator(), staff.Newcomer{Name: name, Role: role, Password: good, Again: good, NoTOTP: true})
	w.must(err)
	m, err := w.staff.SignIn(w.Context(), name, good, "", testkit.Visitor, staff.Tries{})
	w.must(err)
	return m
}

// addCoded adds a member with a TOTP secret.
func (w *world) addCoded(name string, role staff.Role) staff.Secret {
	w.Helper()
	secret, err := w.staff.Add(w.Context(), staff.Operator(), staff.Newcomer{Name: name, Role: role, Password: good, Again: good})
	w.must(err)
	return secret
}

// code returns the current code of an authenticator app.
func (w *world) code(s staff.Secret) string {
	w.Helper()
	code, err := totp.GenerateCode(s.Text(), w.clock.Now())
	w.must(err)
	return code
}

// entries returns the newest n entries of the audit, oldest first.
func (w *world) entries(n int) []staff.Entry {
	w.Helper()
	all, err := w.store.Audit(context.Background(), staff.Search{Rows: n})
	w.must(err)
	slices.Reverse(all)
	return all
}

// stored checks what the database answers to a query.
func (w *world) stored(query, want string) {
	w.Helper()
	if got := w.db.Text(w.T, query); got != want {
		w.Errorf("%s\ngot %s, want %s", query, got, want)
	}
}

// recorded compares the newest entries with the wanted ones, without ids and times.
func (w *world) recorded(want ...staff.Entry) {
	w.Helper()
	diff := cmp.Diff(want, w.entries(len(want)), cmpopts.IgnoreFields(staff.Entry{}, "ID", "At"), cmpopts.EquateComparable(testkit.Visitor.IP))
	if diff != "" {
		w.Errorf("audit (-want +got)\n%s", diff)
	}
}

// acting returns a member as the actor on the pages.
func acting(m staff.Member, reason string) staff.Actor {
	return staff.Actor{Member: m, Reason: reason, From: testkit.Visitor}
}

// by returns an entry of an action on the pages.
func by(member string, role staff.Role, action staff.Action, change ...func(*staff.Entry)) staff.Entry {
	e := staff.Entry{Member: member, Role: role, Action: action, IP: testkit.Visitor.IP, Agent: testkit.Visitor.Agent}
	for _, f := range change {
		f(&e)
	}
	return e
}

func keys(t testing.TB, chars ...string) reset.Keys {
	t.Helper()
	var raw [][]byte
	for _, c := range chars {
		raw = append(raw, []byte(strings.Repeat(c, reset.MinKeyBytes)))
	}
	k, err := reset.NewKeys(raw...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// hasher hashes without cost and remembers what it verifies.
type hasher struct{ verified []string }

func (*hasher) Hash(_ context.Context, _ password.Use, plain string) (string, error) {
	return "hash of " + plain, nil
}

func (h *hasher) Renew(ctx context.Context, use password.Use, _, plain string) (string, error) {
	return h.Hash(ctx, use, plain)
}

func (h *hasher) Verify(_ context.Context, _ password.Use, stored, plain string) (bool, error) {
	h.verified = append(h.verified, stored)
	return stored == "hash of "+plain, nil
}

func (*hasher) Usable(stored string) bool { return strings.HasPrefix(stored, "hash of ") }
