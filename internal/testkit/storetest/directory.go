package storetest

import (
	"context"
	"errors"
	"testing"

	"resetd/internal/reset"
)

// inAccounts runs f in a transaction of the accounts' database.
func inAccounts(ctx context.Context, s reset.Store, f func(reset.Directory) error) error {
	if s.Apart() {
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
