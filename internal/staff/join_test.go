package staff_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// invite adds a member, and returns the id of the one-time link.
func (w *world) invite(by staff.Member, name string, role staff.Role) reset.ID {
	w.Helper()
	token, err := w.staff.Invite(w.Context(), acting(by, "a new colleague"), name, role)
	w.must(err)
	id, err := w.staff.VerifyLink(token.Encode())
	w.must(err)
	return id
}

// choose returns a valid choice behind a link, and the secret in it.
func (w *world) choose(link reset.ID, plain string) (staff.Choice, staff.Secret) {
	w.Helper()
	m, err := w.staff.Invited(w.Context(), link)
	w.must(err)
	setup, err := w.staff.NewSetup(m)
	w.must(err)
	return staff.Choice{Password: plain, Again: plain, Setup: setup.Sealed, Code: w.code(setup.Secret)}, setup.Secret
}

func TestInvitedMemberChoosesPasswordAndTOTP(t *testing.T) {
	eachWorld(t, func(w *world) {
		ada := w.add("ada", staff.Admin)
		link := w.invite(ada, "Arno", staff.Agent)
		w.recorded(by("ada", staff.Admin, staff.AddedMember, func(e *staff.Entry) { e.Target, e.Reason = "Arno as agent", "a new colleague" }))
		for _, plain := range []string{"", good} {
			_, err := w.staff.SignIn(w.Context(), "arno", plain, "", testkit.Visitor, staff.Tries{})
			w.want(err, reset.ErrCredentials) // nothing was chosen yet
		}
		choice, secret := w.choose(link, good)
		w.must(w.staff.Join(w.Context(), link, choice, testkit.Visitor))
		w.recorded(by("Arno", staff.Agent, staff.UsedLink, func(e *staff.Entry) { e.Target = "Arno" }))
		_, err := w.staff.SignIn(w.Context(), "arno", good, choice.Code, testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials) // the code was used for the set-up
		w.clock.Add(30 * time.Second)
		m, err := w.staff.SignIn(w.Context(), "arno", good, w.code(secret), testkit.Visitor, staff.Tries{})
		if err != nil || m.Role != staff.Agent {
			w.Errorf("signed in as %s (%v)", m.Role, err)
		}
		w.want(w.staff.Join(w.Context(), link, choice, testkit.Visitor), reset.ErrUsed)
		held := w.db.Text(w.T, `SELECT password_hash || totp || link_id FROM reset_staff WHERE name = 'Arno'`)
		if strings.Contains(held, secret.Text()) {
			w.Errorf("the database contains the secret: %s", held)
		}
	})
}

// All problems of a choice are reported together, and nothing is stored.
func TestRefusedChoicesStoreNothing(t *testing.T) {
	eachWorld(t, func(w *world) {
		ada := w.add("ada", staff.Admin)
		link, other := w.invite(ada, "arno", staff.Agent), w.invite(ada, "other", staff.Agent)
		choice, _ := w.choose(link, good)
		foreign, _ := w.choose(other, good)
		entries := w.db.Text(w.T, `SELECT count(*) FROM reset_audit`)
		for what, c := range map[string]struct {
			change func(*staff.Choice)
			want   error
			weak   bool
		}{
			"no code":                      {func(c *staff.Choice) { c.Code = "" }, staff.ErrCode, false},
			"a wrong code":                 {func(c *staff.Choice) { c.Code = "000000" }, staff.ErrCode, false},
			"no secret":                    {func(c *staff.Choice) { c.Setup = "" }, staff.ErrSetup, false},
			"a forged secret":              {func(c *staff.Choice) { c.Setup = "AAAA" + c.Setup[4:] }, staff.ErrSetup, false},
			"the secret of another member": {func(c *staff.Choice) { c.Setup, c.Code = foreign.Setup, foreign.Code }, staff.ErrSetup, false},
			"a weak password":              {func(c *staff.Choice) { c.Password, c.Again = "short", "short" }, nil, true},
			"the name as password":         {func(c *staff.Choice) { c.Password, c.Again = "arno-arno", "arno-arno" }, nil, true},
			"everything wrong":             {func(c *staff.Choice) { c.Again, c.Code = better, "000000" }, staff.ErrCode, true},
		} {
			changed := choice
			c.change(&changed)
			err := w.staff.Join(w.Context(), link, changed, testkit.Visitor)
			_, weak := errors.AsType[*reset.RefusedPassword](err)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || weak != c.weak {
				w.Errorf("%s: got %v, want %v and a refused password: %t", what, err, c.want, c.weak)
			}
		}
		w.stored(`SELECT count(*) FROM reset_staff WHERE password_hash IS NOT NULL`, "1")
		w.stored(`SELECT count(*) FROM reset_audit`, entries)
	})
}

func TestDeadLinksOfMembersTellWhy(t *testing.T) {
	eachWorld(t, func(w *world) {
		ada := w.add("ada", staff.Admin)
		expired, replaced, ended := w.invite(ada, "expired", staff.Viewer), w.invite(ada, "replaced", staff.Viewer), w.invite(ada, "ended", staff.Viewer)
		late, _ := w.choose(expired, good)
		token, err := w.staff.RenewLink(w.Context(), acting(ada, "lost it"), "REPLACED")
		w.must(err)
		w.recorded(by("ada", staff.Admin, staff.MadeLink, func(e *staff.Entry) { e.Target, e.Reason = "replaced", "lost it" }))
		w.must(w.staff.SetActive(w.Context(), acting(ada, "left"), "ended", false))
		w.must(w.staff.SetActive(w.Context(), acting(ada, "is back"), "ended", true))
		w.clock.Add(staff.LinkLifetime)
		for link, want := range map[reset.ID]error{expired: reset.ErrExpired, replaced: reset.ErrRevoked, ended: reset.ErrRevoked} {
			_, err := w.staff.Invited(w.Context(), link)
			w.want(err, want)
			w.want(w.staff.Join(w.Context(), link, late, testkit.Visitor), want)
		}
		newer, err := w.staff.VerifyLink(token.Encode())
		w.must(err)
		_, err = w.staff.Invited(w.Context(), newer)
		w.want(err, reset.ErrExpired)
		// The token of another purpose, and one that was made with another key.
		for _, foreign := range []reset.Token{keys(w, "a").Token(reset.PurposeResetLink, newer), keys(w, "b").Token(reset.PurposeStaffLink, newer)} {
			_, err := w.staff.VerifyLink(foreign.Encode())
			w.want(err, reset.ErrNoLink)
		}
	})
}

// Of several uses of a link at the same time, one sets its password.
func TestConcurrentUsesOfALink(t *testing.T) {
	eachWorld(t, func(w *world) {
		link := w.invite(w.add("ada", staff.Admin), "arno", staff.Agent)
		var joined atomic.Int32
		var wg sync.WaitGroup
		choice, _ := w.choose(link, good)
		for range 6 {
			wg.Go(func() {
				switch err := w.staff.Join(w.Context(), link, choice, testkit.Visitor); {
				case err == nil:
					joined.Add(1)
				case !errors.Is(err, reset.ErrUsed):
					w.Errorf("got %v, want %v", err, reset.ErrUsed)
				}
			})
		}
		wg.Wait()
		if joined.Load() != 1 {
			w.Errorf("used %d times, want once", joined.Load())
		}
	})
}
