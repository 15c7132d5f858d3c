package reset_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/history"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// changed uses a link of a new account, as a stranger does, and returns the account and
// the "this wasn't me" of the notice.
func (w world) changed() (reset.Account, reset.Denial) {
	w.Helper()
	a := w.user("user@example.org")
	w.must(w.resets.Use(w.Context(), w.link("user@example.org"), newPassword, newPassword, testkit.Visitor))
	denial, err := w.resets.VerifyDenial(w.due()[0].Denial.Encode())
	w.must(err)
	return a, denial
}

func (w world) stored(id string) string {
	w.Helper()
	a, err := w.store.Account(w.Context(), id)
	w.must(err)
	return a.PasswordHash
}

// The stranger changes the password again while the rescue makes its hash.
func TestRescueEndsAPasswordThatWasSetMeanwhile(t *testing.T) {
	eachWorld(t, func(w world) {
		a, denial := w.changed()
		other := strings.Replace(testkit.PasswordHash, "p=1$", "p=1$AAAA", 1)
		var once sync.Once
		service := w.meanwhile(func() {
			once.Do(func() { w.db.SQL(w.T, `UPDATE users SET password_hash = '`+other+`'`) })
		})
		done, err := service.Deny(w.Context(), denial, testkit.Visitor)
		w.must(err)
		if hash := w.stored(a.ID); hash == other || !w.hasher.Usable(hash) || !done.Link || !done.Ended {
			w.Errorf("got %+v and the hash %s, want a useless one and a link", done, hash)
		}
	})
}

// A link that is used while the rescue makes its hash came before it, not after it.
func TestRescueEndsAUseThatCameMeanwhile(t *testing.T) {
	eachWorld(t, func(w world) {
		_, denial := w.changed()
		link := w.link("user@example.org")
		var once sync.Once
		service := w.meanwhile(func() {
			once.Do(func() {
				w.clock.Add(time.Second)
				w.must(w.resets.Use(w.Context(), link, "a third password here", "a third password here", testkit.Visitor))
				w.clock.Add(time.Second)
			})
		})
		for range 2 {
			done, err := service.Deny(w.Context(), denial, testkit.Visitor)
			w.must(err)
			if !done.Link || !done.Ended {
				w.Errorf("got %+v, want an ended password and a link", done)
			}
		}
	})
}

// If it changes each time, nothing is half done and a later attempt works.
func TestRescueIsAllOrNothing(t *testing.T) {
	eachWorld(t, func(w world) {
		a, denial := w.changed()
		n := 0
		service := w.meanwhile(func() {
			n++
			other := strings.Replace(testkit.PasswordHash, "p=1$", "p=1$"+strings.Repeat("AAAA", n), 1)
			w.db.SQL(w.T, `UPDATE users SET password_hash = '`+other+`'`)
		})
		_, err := service.Deny(w.Context(), denial, testkit.Visitor)
		w.want(err, reset.ErrAccountChanged)
		if left := w.db.Text(w.T, `SELECT count(*) FROM reset_deliveries WHERE denied_at IS NOT NULL OR kind = 'rescue'`); left != "0" {
			w.Errorf("%s deliveries of a rescue that failed", left)
		}
		before := w.stored(a.ID)
		done, err := w.resets.Deny(w.Context(), denial, testkit.Visitor)
		w.must(err)
		if !done.Link || w.stored(a.ID) == before {
			w.Errorf("got %+v, want a link and another hash", done)
		}
	})
}

// An account without a usable password keeps it: a hash would let a link set one.
func TestRescueSetsNoPasswordWhereThereIsNone(t *testing.T) {
	eachWorld(t, func(w world) {
		a, denial := w.changed()
		w.db.SQL(w.T, `UPDATE users SET password_hash = '!unusable'`)
		for range 2 {
			done, err := w.resets.Deny(w.Context(), denial, testkit.Visitor)
			w.must(err)
			if done != (reset.Rescue{}) || w.stored(a.ID) != "!unusable" {
				w.Errorf("got %+v and the hash %s, want nothing ended and no link", done, w.stored(a.ID))
			}
		}
		rows := testkit.Resets(w, w.store, history.Filter{}, w.clock.Now())
		if len(rows) != 2 || rows[0].Withheld+rows[1].Withheld != reset.WithheldNoPassword {
			w.Errorf("got %+v, want the rescue withheld", rows)
		}
	})
}

// A link whose row is gone is not called incomplete.
func TestLinkWithoutARowIsGone(t *testing.T) {
	eachWorld(t, func(w world) {
		w.user("user@example.org")
		id := w.link("user@example.org")
		w.clock.Add(2 * time.Hour)
		_, err := w.store.Purge(w.Context(), w.clock.Now(), w.clock.Now())
		w.must(err)
		_, err = w.resets.Show(w.Context(), id)
		w.want(err, reset.ErrGone)
		_, err = w.resets.Deny(w.Context(), reset.Denial{Purpose: reset.PurposeNotMyRequest, ID: id}, testkit.Visitor)
		w.want(err, reset.ErrGone)
		_, err = w.resets.Deny(w.Context(), reset.Denial{Purpose: reset.PurposeNotMyChange, ID: id}, testkit.Visitor)
		w.want(err, reset.ErrGone)
	})
}
