package reset_test

import (
	"testing"
	"time"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// denial uses a link, as a stranger does, and returns the "this wasn't me" of the notice.
func (w pair) denial() reset.Denial {
	w.Helper()
	w.must(w.use(w.resets, w.link("user@example.org"), newPassword))
	denial, err := w.resets.VerifyDenial(w.due()[0].Denial.Encode())
	w.must(err)
	return denial
}

func TestRescueInAnotherDatabase(t *testing.T) {
	for name, begin := range map[string]func(w pair, d reset.Denial){
		"at once": func(pair, reset.Denial) {},
		"after a death before the commit": func(w pair, d reset.Denial) {
			w.dies(func() { _, _ = w.around(beforeCommit).Deny(w.Context(), d, testkit.Visitor) })
			w.clock.Add(20 * time.Second)
		},
		"after a death after the commit": func(w pair, d reset.Denial) {
			w.dies(func() { _, _ = w.around(afterCommit).Deny(w.Context(), d, testkit.Visitor) })
		},
		"resolved by another instance": func(w pair, d reset.Denial) {
			w.dies(func() { _, _ = w.around(afterCommit).Deny(w.Context(), d, testkit.Visitor) })
			w.resolve()
			w.wantText(w.db, `SELECT count(*) FROM password_resets WHERE requested_by = 'rescue'`, "1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachPair(t, func(w pair) {
				d := w.denial()
				begin(w, d)
				for range 2 {
					done, err := w.resets.Deny(w.Context(), d, testkit.Visitor)
					w.must(err)
					if !done.Ended || !done.Link {
						w.Errorf("got %+v", done)
					}
				}
				w.wantClaims(0)
				w.wantText(w.accounts, `SELECT changes FROM members`, "2")
				right, err := w.hasher.Verify(w.Context(), password.ForReset, w.stored("1"), newPassword)
				w.must(err)
				mails := w.due()
				if right || len(mails) != 1 || mails[0].Delivery.Kind != reset.KindRescue {
					w.Errorf("the stranger's password works: %t; %d emails", right, len(mails))
				}
			})
		})
	}
}

// An account without a password gets none.
func TestRescueWithoutAPasswordInAnotherDatabase(t *testing.T) {
	eachPair(t, func(w pair) {
		d := w.denial()
		w.accounts.SQL(w.T, `UPDATE members SET password_hash = '!'`)
		done, err := w.resets.Deny(w.Context(), d, testkit.Visitor)
		w.must(err)
		w.wantText(w.accounts, `SELECT changes FROM members`, "2")
		w.wantClaims(0)
		if w.stored("1") != "!" || done.Ended {
			w.Errorf("got %+v and %q", done, w.stored("1"))
		}
	})
}
