package reset_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// Hashing is slow, and the application writes to the same rows. So neither the
// account nor, on SQLite, the file may be locked meanwhile.
func TestNothingIsLockedWhileAPasswordIsHashed(t *testing.T) {
	eachWorld(t, func(w world) {
		a := w.user("user@example.org")
		w.user("other@example.org")
		id := w.link("user@example.org")
		hashed := false
		service := w.meanwhile(func() {
			hashed = true
			done := make(chan error, 1)
			go func() { done <- w.db.TrySQL(w.T, `UPDATE users SET name = 'changed meanwhile'`) }()
			select {
			case err := <-done:
				w.must(err)
			case <-time.After(4 * time.Second):
				w.Error("the application had to wait while resetd was hashing")
			}
		})
		if err := service.Use(context.WithoutCancel(w.Context()), id, newPassword, newPassword, testkit.Visitor); err != nil && !errors.Is(err, reset.ErrRevoked) {
			w.Fatal(err)
		}
		if !hashed {
			w.Error("nothing was hashed")
		}
		notice := reset.Delivery{ID: id, Kind: reset.KindPasswordChanged, UserID: a.ID, Recipient: a.Email, CreatedAt: w.clock.Now(), NextAttemptAt: w.clock.Now()}
		w.must(w.store.Queue(w.Context(), notice))
		hashed = false
		if _, err := service.Deny(w.Context(), reset.Denial{Purpose: reset.PurposeNotMyChange, ID: id}, testkit.Visitor); err != nil || !hashed {
			w.Errorf("rescue: got %v, hashed: %t", err, hashed)
		}
	})
}
