package storetest

import (
	"context"
	"errors"
	"testing"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// inAccounts runs f in a transaction of the accounts' database.
func inAccounts(ctx context.Context, s reset.Store, f func(reset.Directory) error) error {
	if s.TwoDatabases() {
		return s.InAccounts(ctx, f)
	}
	return s.InTx(ctx, func(tx reset.Tx) error { return f(tx) })
}

// accountByID must find exactly the id: databases read 12x as 12.
func accountByID(t *testing.T, f Fixture) {
	a := f.Add("Über@example.org", "hash")
	got, err := f.Store.Account(t.Context(), a.ID)
	must(t, err)
	same(t, got.ID, a.ID)
	same(t, got.PasswordHash, "hash")
	same(t, got.Active, true)
	for _, id := range []string{"", a.ID + "x", " " + a.ID, "0" + a.ID, "x", "99999999999999999999", "00000000-0000-0000-0000-000000000000"} {
		_, err := f.Store.Account(t.Context(), id)
		wantError(t, err, reset.ErrNotFound)
	}
}

func failedChange(t *testing.T, f Fixture) {
	a, failure := f.Add("user@example.org", "old"), errors.New("no")
	err := inAccounts(t.Context(), f.Store, func(d reset.Directory) error {
		if err := d.SetPassword(t.Context(), a, reset.NewPassword{Hash: "new"}, now); err != nil {
			return err
		}
		return failure
	})
	wantError(t, err, failure)
	got, err := f.Store.Account(t.Context(), a.ID)
	must(t, err)
	same(t, got.PasswordHash, "old")
}

func findEach(t *testing.T, f Fixture) {
	a, b := f.Add("one@example.org", "hash"), f.Add("two@example.org", "hash")
	found, err := f.Store.FindEach(t.Context(), []reset.Address{
		testkit.Address(t, "TWO@example.org"), {}, testkit.Address(t, "none@example.org"), testkit.Address(t, "one@example.org"),
	})
	must(t, err)
	same(t, len(found), 4)
	if len(found[0]) != 1 || found[0][0].ID != b.ID || len(found[1]) != 0 || len(found[2]) != 0 || len(found[3]) != 1 || found[3][0].ID != a.ID {
		t.Errorf("got %v, want the second account, none, none, the first account", found)
	}
}

func findCompares(t *testing.T, f Fixture) {
	a := f.Add("mike@example.org", "hash")
	for typed, want := range map[string]int{
		"mike@example.org": 1, "  MIKE@Example.ORG ": 1,
		"mıke@example.org": 0, // a dotless i
		"mike@example.com": 0, "ike@example.org": 0, "mike%@example.org": 0, "m_ke@example.org": 0,
	} {
		found, err := f.Store.FindAccounts(t.Context(), testkit.Address(t, typed))
		must(t, err)
		if len(found) != want {
			t.Errorf("%q finds %d accounts, want %d", typed, len(found), want)
		}
		if len(found) == 1 {
			same(t, found[0].ID, a.ID)
		}
	}
}

func setPasswordCompares(t *testing.T, f Fixture) {
	a := f.Add("user@example.org", "old")
	other := f.Add("other@example.org", "old")
	must(t, f.Store.SetPassword(t.Context(), a, reset.NewPassword{Hash: "new"}, now))
	wantError(t, f.Store.SetPassword(t.Context(), a, reset.NewPassword{Hash: "newer"}, now), reset.ErrAccountChanged)
	for id, want := range map[string]string{a.ID: "new", other.ID: "old"} {
		got, err := f.Store.Account(t.Context(), id)
		must(t, err)
		same(t, got.PasswordHash, want)
	}
}
