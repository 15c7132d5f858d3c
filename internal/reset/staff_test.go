package reset_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
	"resetd/internal/users"
)

func TestStaffLinkLeavesOlderLinksAlive(t *testing.T) {
	eachWorld(t, func(w world) {
		a := w.user("user@example.org")
		first := w.link("user@example.org")
		w.clock.Add(time.Minute)
		_, err := w.resets.RequestFor(w.Context(), a.ID, "", "staff:agent", testkit.Visitor)
		w.must(err)
		w.due()
		_, err = w.resets.Show(w.Context(), first)
		w.must(err)
	})
}

// Staff get the reason, and no row is written.
func TestStaffSeeWhyThereIsNoLink(t *testing.T) {
	eachWorld(t, func(w world) {
		inactive := w.user("inactive@example.org", func(u *users.User) { u.Active = false })
		passwordless := w.user("new@example.org", func(u *users.User) { u.PasswordHash = "" })
		gone := w.user("gone@example.org")
		odd := w.user("odd@example.org")
		w.must(w.resets.Request(w.Context(), testkit.Address(w, "nobody@example.org"), testkit.Visitor, ""))
		w.must(w.resets.Request(w.Context(), testkit.Address(w, "gone@example.org"), testkit.Visitor, ""))
		w.due()
		w.db.SQL(w.T, `DELETE FROM users WHERE email = 'gone@example.org'`, `UPDATE users SET email = 'odd, even@example.org' WHERE email = 'odd@example.org'`)
		earlier := func(email string) reset.ID {
			return testkit.Resets(w, w.store, history.Filter{Email: email}, w.clock.Now())[0].ID
		}
		before := w.db.Text(w.T, `SELECT count(*) FROM password_resets`)
		forAccount := func(id string) error {
			_, err := w.resets.RequestFor(w.Context(), id, "", "staff:agent", testkit.Visitor)
			return err
		}
		again := func(id reset.ID) error {
			_, err := w.resets.RequestAgain(w.Context(), id, "", "staff:agent", testkit.Visitor)
			return err
		}
		for name, c := range map[string]struct {
			got, want error
			text      string
		}{
			"inactive":              {forAccount(inactive.ID), reset.ErrWithheld, "inactive"},
			"without a password":    {forAccount(passwordless.ID), reset.ErrWithheld, "no_password"},
			"with no usual address": {forAccount(odd.ID), reset.ErrWithheld, "address"},
			"gone":                  {forAccount(gone.ID), reset.ErrNotFound, ""},
			"no reset":              {again(uuid.New()), reset.ErrNotFound, ""},
			"never had an account":  {again(earlier("nobody@example.org")), reset.ErrWithheld, "no_account"},
			"gone since":            {again(earlier("gone@example.org")), reset.ErrWithheld, "no_account"},
		} {
			if !errors.Is(c.got, c.want) || !strings.Contains(c.got.Error(), c.text) {
				w.Errorf("%s: got %v, want %v %s", name, c.got, c.want, c.text)
			}
		}
		if n := w.db.Text(w.T, `SELECT count(*) FROM password_resets`); n != before {
			w.Errorf("%s rows, want %s", n, before)
		}
	})
}

func TestStaffRevokeOnlyLiveLinks(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		w.user("other@example.org")
		used := w.link("other@example.org")
		first := w.link("other@example.org")
		second := w.link("user@example.org")
		revoke := func(id reset.ID) error { return w.resets.RevokeBy(w.Context(), id, "staff:agent") }
		w.want(revoke(uuid.New()), reset.ErrNotFound)
		w.must(revoke(second))
		_, err := w.resets.Show(w.Context(), second)
		w.want(err, reset.ErrRevoked)
		w.want(revoke(second), reset.ErrRevoked)
		third := w.link("user@example.org")
		w.must(w.resets.Use(w.Context(), used, newPassword, newPassword, testkit.Visitor))
		w.want(revoke(used), reset.ErrUsed)
		w.want(revoke(first), reset.ErrOtherUsed)
		w.clock.Add(time.Hour)
		w.want(revoke(third), reset.ErrExpired)
		w.must(w.resets.Request(w.Context(), testkit.Address(w, "nobody@example.org"), testkit.Visitor, ""))
		waiting := testkit.Resets(w, w.store, history.Filter{Email: "nobody@example.org"}, w.clock.Now())[0].ID
		w.want(revoke(waiting), reset.ErrReceived)
		_, err = w.resets.RequestAgain(w.Context(), waiting, "", "staff:agent", testkit.Visitor)
		w.want(err, reset.ErrReceived)
		w.due()
		rows := testkit.Resets(w, w.store, history.Filter{Email: "nobody@example.org"}, w.clock.Now())
		w.want(revoke(rows[0].ID), reset.ErrNoLink)
		for id, want := range map[reset.ID]string{used: "", first: reset.RevokedOtherLink, second: "staff:agent", third: ""} {
			if r, err := w.store.Reset(w.Context(), id); err != nil || r.RevokedBy != want {
				w.Errorf("revoked by %q (%v), want %q", r.RevokedBy, err, want)
			}
		}
	})
}

// If a link is used while staff revoke it, staff must learn that it was used.
func TestRevokeReportsAConcurrentUse(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		id := w.link("user@example.org")
		service := w.service(func(cfg *reset.Config) {
			cfg.Store = interruptedStore{w.store, func() { w.must(w.resets.Use(w.Context(), id, newPassword, newPassword, testkit.Visitor)) }}
		})
		w.want(service.RevokeBy(w.Context(), id, "staff:agent"), reset.ErrUsed)
	})
}

// interruptedStore is a store that calls meanwhile before it revokes.
type interruptedStore struct {
	*store.Store
	meanwhile func()
}

func (s interruptedStore) Revoke(ctx context.Context, id reset.ID, now time.Time, by string) error {
	s.meanwhile()
	return s.Store.Revoke(ctx, id, now, by)
}
