package staff_test

import (
	"errors"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// signedIn adds a member with a secret and signs them in. Its code is used then.
func (w *world) signedIn(name string) (staff.Member, staff.Secret) {
	w.Helper()
	secret := w.addCoded(name, staff.Viewer)
	m, err := w.staff.SignIn(w.Context(), name, good, w.code(secret), testkit.Visitor, staff.Tries{})
	w.must(err)
	return m, secret
}

func (w *world) alive(t staff.Ticket) bool {
	w.Helper()
	_, err := w.staff.Member(w.Context(), t)
	if err != nil && !errors.Is(err, reset.ErrSignedOut) {
		w.Fatal(err)
	}
	return err == nil
}

func TestOwnPasswordNeedsPasswordAndCode(t *testing.T) {
	eachWorld(t, func(w *world) {
		m, secret := w.signedIn("vera")
		ticket, used := w.staff.Ticket(m), w.code(secret)
		w.clock.Add(30 * time.Second)
		code := w.code(secret)
		for what, c := range map[string]struct {
			present      staff.Present
			plain, again string
			wrongCurrent bool
			code         bool
			refused      string
		}{
			"a wrong password":           {staff.Present{Password: "wrong", Code: code}, better, better, true, false, "wrong password"},
			"a wrong and a weak one":     {staff.Present{Password: "wrong", Code: code}, "short", "short", true, false, "wrong password"},
			"no code":                    {staff.Present{Password: good}, better, better, false, true, "wrong code"},
			"a wrong code":               {staff.Present{Password: good, Code: "000000"}, better, better, false, true, "wrong code"},
			"the code of the sign-in":    {staff.Present{Password: good, Code: used}, better, better, false, true, "code used before"},
			"a weak password":            {staff.Present{Password: good, Code: code}, "short", "short", false, false, ""},
			"two different passwords":    {staff.Present{Password: good, Code: code}, better, good, false, false, ""},
			"the same password as today": {staff.Present{Password: good, Code: code}, good, good, false, false, ""},
		} {
			entries := w.db.Text(w.T, `SELECT count(*) FROM reset_audit`)
			_, err := w.staff.ChangeOwnPassword(w.Context(), acting(m, ""), c.present, c.plain, c.again)
			refused, ok := errors.AsType[*reset.RefusedPassword](err)
			if err == nil || ok != !c.code || ok && refused.WrongCurrent != c.wrongCurrent || errors.Is(err, staff.ErrPresentCode) != c.code {
				w.Errorf("%s: got %v", what, err)
			}
			newest := w.entries(1)[0]
			if recorded := w.db.Text(w.T, `SELECT count(*) FROM reset_audit`) != entries; recorded != (c.refused != "") || recorded && newest.Refused != c.refused {
				w.Errorf("%s: recorded %t, the newest entry is %+v", what, recorded, newest)
			}
		}
		if !w.alive(ticket) {
			w.Error("a refused change ended the session")
		}
		changed, err := w.staff.ChangeOwnPassword(w.Context(), acting(m, ""), staff.Present{Password: good, Code: code}, better, better)
		w.must(err)
		w.recorded(by("vera", staff.Viewer, staff.ChangedOwnPassword, func(e *staff.Entry) { e.Target = "vera" }))
		if w.alive(ticket) || !w.alive(w.staff.Ticket(changed)) {
			w.Error("want the session of before ended, and a new one alive")
		}
		_, err = w.staff.ChangeOwnPassword(w.Context(), acting(changed, ""), staff.Present{Password: better, Code: code}, good, good)
		w.want(err, staff.ErrPresentCode) // the code was used for the first change
		w.clock.Add(30 * time.Second)
		_, err = w.staff.SignIn(w.Context(), "vera", better, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err)
	})
}

func TestOwnTOTPNeedsBothApps(t *testing.T) {
	eachWorld(t, func(w *world) {
		m, old := w.signedIn("vera")
		other := w.add("other", staff.Viewer)
		w.clock.Add(30 * time.Second)
		setup, err := w.staff.NewSetup(m)
		w.must(err)
		foreign, err := w.staff.NewSetup(other)
		w.must(err)
		present := staff.Present{Password: good, Code: w.code(old)}
		for what, c := range map[string]struct {
			present      staff.Present
			sealed, code string
			want         error
		}{
			"the code of the old app":      {present, setup.Sealed, present.Code, staff.ErrCode},
			"the secret of another member": {present, foreign.Sealed, w.code(foreign.Secret), staff.ErrSetup},
			"no present code":              {staff.Present{Password: good}, setup.Sealed, w.code(setup.Secret), staff.ErrPresentCode},
		} {
			_, err := w.staff.ChangeOwnTOTP(w.Context(), acting(m, ""), c.present, c.sealed, c.code)
			if !errors.Is(err, c.want) {
				w.Errorf("%s: got %v, want %v", what, err, c.want)
			}
		}
		changed, err := w.staff.ChangeOwnTOTP(w.Context(), acting(m, ""), present, setup.Sealed, w.code(setup.Secret))
		w.must(err)
		if w.alive(w.staff.Ticket(m)) || !w.alive(w.staff.Ticket(changed)) {
			w.Error("want the session of before ended, and a new one alive")
		}
		for _, code := range []string{w.code(old), w.code(setup.Secret)} { // of the old app, and the one that confirmed the new app
			_, err = w.staff.SignIn(w.Context(), "vera", good, code, testkit.Visitor, staff.Tries{})
			w.want(err, reset.ErrCredentials)
		}
		w.clock.Add(30 * time.Second)
		_, err = w.staff.SignIn(w.Context(), "vera", good, w.code(setup.Secret), testkit.Visitor, staff.Tries{})
		w.must(err)
		// A member without a secret needs no present code for the first one.
		first, err := w.staff.NewSetup(other)
		w.must(err)
		_, err = w.staff.ChangeOwnTOTP(w.Context(), acting(other, ""), staff.Present{Password: good}, first.Sealed, w.code(first.Secret))
		w.must(err)
		_, err = w.staff.SignIn(w.Context(), "other", good, "", testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials)
	})
}
