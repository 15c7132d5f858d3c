package staff_test

import (
	"context"
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
	token, err := w.staff.Invite(w.Context(), by, name, role, "a new colleague", testkit.Visitor)
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
		token, err := w.staff.RenewLink(w.Context(), ada, "REPLACED", "lost it", testkit.Visitor)
		w.must(err)
		w.recorded(by("ada", staff.Admin, staff.MadeLink, func(e *staff.Entry) { e.Target, e.Reason = "replaced", "lost it" }))
		w.must(w.staff.SetActiveBy(w.Context(), ada, "ended", false, "left", testkit.Visitor))
		w.must(w.staff.SetActiveBy(w.Context(), ada, "ended", true, "is back", testkit.Visitor))
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

// Every change of a member by another one needs the right and a reason, and is recorded
// before it happens.
func TestChangesOfMembersAreRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		ada, agent := w.add("ada", staff.Admin), w.add("agent", staff.Agent)
		changes := map[staff.Action]func(s *staff.Service, by staff.Member, reason string) error{
			staff.AddedMember: func(s *staff.Service, by staff.Member, reason string) error {
				_, err := s.Invite(w.Context(), by, "new", staff.Viewer, reason, testkit.Visitor)
				return err
			},
			staff.MadeLink: func(s *staff.Service, by staff.Member, reason string) error {
				_, err := s.RenewLink(w.Context(), by, "agent", reason, testkit.Visitor)
				return err
			},
			staff.ChangedRole: func(s *staff.Service, by staff.Member, reason string) error {
				return s.SetRoleBy(w.Context(), by, "agent", staff.Admin, reason, testkit.Visitor)
			},
			staff.DisabledMember: func(s *staff.Service, by staff.Member, reason string) error {
				return s.SetActiveBy(w.Context(), by, "agent", false, reason, testkit.Visitor)
			},
			staff.EnabledMember: func(s *staff.Service, by staff.Member, reason string) error {
				return s.SetActiveBy(w.Context(), by, "agent", true, reason, testkit.Visitor)
			},
		}
		before := w.members()
		for action, change := range changes {
			w.want(change(w.staff, agent, "because"), staff.ErrForbidden)
			if e := w.entries(1)[0]; e.Action != action || e.Refused != staff.ErrForbidden.Error() || e.Member != "agent" {
				w.Errorf("%s: the newest entry is %+v", action, e)
			}
			w.want(change(w.staff, ada, " "), staff.ErrNoReason)
			w.want(change(w.forgetful(), ada, "because"), reset.ErrUnavailable)
		}
		if after := w.members(); after != before {
			w.Errorf("members changed from %s to %s", before, after)
		}
		for _, action := range []staff.Action{staff.AddedMember, staff.MadeLink, staff.ChangedRole, staff.DisabledMember, staff.EnabledMember} {
			w.must(changes[action](w.staff, ada, "because"))
			if e := w.entries(1)[0]; e.Action != action || e.Refused != "" || e.Reason != "because" {
				w.Errorf("%s: the newest entry is %+v", action, e)
			}
		}
		// A failure is a second entry.
		w.must(w.staff.SetActiveBy(w.Context(), ada, "agent", false, "because", testkit.Visitor))
		w.want(w.staff.SetRoleBy(w.Context(), ada, "Ada", staff.Viewer, "because", testkit.Visitor), staff.ErrLastAdmin)
		if e := w.entries(1)[0]; e.Target != "ada to viewer" || e.Refused != staff.ErrLastAdmin.Error() {
			w.Errorf("the newest entry is %+v", e)
		}
		for _, name := range []string{"nobody", "", "operator"} {
			w.want(w.staff.SetActiveBy(w.Context(), ada, name, false, "because", testkit.Visitor), reset.ErrNotFound)
		}
	})
}

// members returns what the database knows about who may sign in.
func (w *world) members() string {
	w.Helper()
	all, err := w.store.Members(context.Background())
	w.must(err)
	var b strings.Builder
	for _, m := range all {
		b.WriteString(strings.Join([]string{m.Name, string(m.Role), m.PasswordHash, m.TOTP, m.Link.ID.String()}, " "))
		if m.Active {
			b.WriteString(" active")
		}
		b.WriteString("\n")
	}
	return b.String()
}
