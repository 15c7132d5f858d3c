package staff_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

func newcomer(name string) staff.Newcomer {
	return staff.Newcomer{Name: name, Role: staff.Viewer, Password: good, Again: good, NoTOTP: true}
}

func TestMemberNamesAreRestricted(t *testing.T) {
	eachWorld(t, func(w *world) {
		for name, want := range map[string]error{
			"a": nil, "Agent.One_2-3": nil, strings.Repeat("x", 64): nil,
			"": staff.ErrName, strings.Repeat("x", 65): staff.ErrName, "a b": staff.ErrName, "..": staff.ErrName, "-": staff.ErrName, "_1": nil, "a\n": staff.ErrName, "ä": staff.ErrName,
			"\u212a": staff.ErrName, "a:b": staff.ErrName, "a@example.org": staff.ErrName, "Operator": staff.ErrReserved, staff.Command: staff.ErrReserved,
		} {
			if _, err := w.staff.Add(w.Context(), staff.Operator(), newcomer(name)); !errors.Is(err, want) {
				w.Errorf("%q: got %v, want %v", name, err, want)
			}
		}
		_, err := w.staff.Add(w.Context(), staff.Operator(), newcomer("A"))
		w.want(err, staff.ErrTaken)
		w.want(w.staff.Free(w.Context(), "AGENT.one_2-3"), staff.ErrTaken)
	})
}

func TestMemberNameIsUnique(t *testing.T) {
	eachWorld(t, func(w *world) {
		errs := make(chan error, 4)
		var wg sync.WaitGroup
		for i := range cap(errs) {
			wg.Go(func() {
				_, err := w.staff.Add(w.Context(), staff.Operator(), newcomer([]string{"one", "ONE"}[i%2]))
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		added := 0
		for err := range errs {
			if err == nil {
				added++
			} else {
				w.want(err, staff.ErrTaken)
			}
		}
		if all, err := w.staff.Members(w.Context()); added != 1 || len(all) != 1 || err != nil {
			w.Errorf("%d were added, %d exist (%v), want 1", added, len(all), err)
		}
	})
}

func TestRolesAndPasswordsAreChecked(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.add("agent", staff.Agent)
		before := w.db.Text(w.T, `SELECT count(*) FROM reset_audit`)
		king, weak := newcomer("king"), newcomer("weak")
		king.Role = "king"
		weak.Password, weak.Again = "short", "shorter"
		_, err := w.staff.Add(w.Context(), staff.Operator(), king)
		w.want(err, staff.ErrRole)
		w.want(w.staff.SetRole(w.Context(), staff.Operator(), "agent", "king"), staff.ErrRole)
		_, err = w.staff.Add(w.Context(), staff.Operator(), weak)
		for _, err := range []error{err, w.staff.SetPassword(w.Context(), staff.Operator(), "agent", "agent-agent", "agent-agent")} {
			if _, ok := errors.AsType[*reset.RefusedPassword](err); !ok {
				w.Errorf("got %v, want a refused password", err)
			}
		}
		w.stored(`SELECT count(*) FROM reset_audit`, before)
	})
}

func TestChangingAnUnknownMemberFails(t *testing.T) {
	eachWorld(t, func(w *world) {
		for _, name := range []string{"nobody", "", "a b", "operator"} {
			w.want(w.staff.SetRole(w.Context(), staff.Operator(), name, staff.Agent), reset.ErrNotFound)
			w.want(w.staff.SetActive(w.Context(), staff.Operator(), name, false), reset.ErrNotFound)
			w.want(w.staff.SetPassword(w.Context(), staff.Operator(), name, good, good), reset.ErrNotFound)
			_, err := w.staff.IssueTOTP(w.Context(), staff.Operator(), name)
			w.want(err, reset.ErrNotFound)
		}
	})
}

func TestCommandsAreRecordedBeforeTheyAct(t *testing.T) {
	eachWorld(t, func(w *world) {
		boss := newcomer("boss")
		boss.Role = staff.Admin
		_, err := w.staff.Add(w.Context(), staff.Operator(), boss)
		w.must(err)
		n := newcomer("Agent.One")
		n.NoTOTP = false
		_, err = w.staff.Add(w.Context(), staff.Operator(), n)
		w.must(err)
		w.must(w.staff.SetRole(w.Context(), staff.Operator(), "agent.one", staff.Admin))
		w.must(w.staff.SetPassword(w.Context(), staff.Operator(), "agent.one", better, better))
		_, err = w.staff.IssueTOTP(w.Context(), staff.Operator(), "agent.one")
		w.must(err)
		w.must(w.staff.SetActive(w.Context(), staff.Operator(), "agent.one", false))
		w.must(w.staff.SetActive(w.Context(), staff.Operator(), "agent.one", true))
		var want []staff.Entry
		for _, e := range []struct {
			action staff.Action
			target string
		}{
			{staff.AddedMember, "Agent.One as viewer"},
			{staff.ChangedRole, "Agent.One to admin"},
			{staff.ChangedPassword, "Agent.One"},
			{staff.IssuedTOTP, "Agent.One"},
			{staff.DisabledMember, "Agent.One"},
			{staff.EnabledMember, "Agent.One"},
		} {
			want = append(want, staff.Entry{Member: staff.Command, Action: e.action, Target: e.target, Agent: staff.Operator().From.Agent})
		}
		w.recorded(want...)

		before := w.db.Text(w.T, `SELECT role || password_hash || totp FROM reset_staff WHERE name = 'Agent.One'`)
		s := w.forgetful()
		_, added := s.Add(w.Context(), staff.Operator(), newcomer("other"))
		_, issued := s.IssueTOTP(w.Context(), staff.Operator(), "agent.one")
		for _, err := range []error{
			added, issued, s.SetRole(w.Context(), staff.Operator(), "agent.one", staff.Viewer), s.SetPassword(w.Context(), staff.Operator(), "agent.one", good, good),
			s.SetActive(w.Context(), staff.Operator(), "agent.one", false),
		} {
			w.want(err, reset.ErrUnavailable)
		}
		w.stored(`SELECT role || password_hash || totp FROM reset_staff WHERE active AND name = 'Agent.One'`, before)
	})
}

// A member who was disabled and enabled must sign in again.
func TestEnabledMemberMustSignInAgain(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.add("agent", staff.Agent)
		w.must(w.staff.SetActive(w.Context(), staff.Operator(), "agent", false))
		_, err := w.staff.SignIn(w.Context(), "agent", good, "", testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials)
		w.must(w.staff.SetActive(w.Context(), staff.Operator(), "agent", true))
		_, err = w.staff.SignIn(w.Context(), "agent", good, "", testkit.Visitor, staff.Tries{})
		w.must(err)
	})
}

// Every change of a member by another one needs the right and a reason, and is recorded
// before it happens.
func TestChangesOfMembersAreRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		ada, agent := w.add("ada", staff.Admin), w.add("agent", staff.Agent)
		changes := map[staff.Action]func(s *staff.Service, by staff.Actor) error{
			staff.AddedMember: func(s *staff.Service, by staff.Actor) error {
				_, err := s.Invite(w.Context(), by, "new", staff.Viewer)
				return err
			},
			staff.MadeLink: func(s *staff.Service, by staff.Actor) error {
				_, err := s.RenewLink(w.Context(), by, "agent")
				return err
			},
			staff.ChangedRole: func(s *staff.Service, by staff.Actor) error {
				return s.SetRole(w.Context(), by, "agent", staff.Admin)
			},
			staff.DisabledMember: func(s *staff.Service, by staff.Actor) error {
				return s.SetActive(w.Context(), by, "agent", false)
			},
			staff.EnabledMember: func(s *staff.Service, by staff.Actor) error {
				return s.SetActive(w.Context(), by, "agent", true)
			},
		}
		before := w.members()
		for action, change := range changes {
			w.want(change(w.staff, acting(agent, "because")), staff.ErrForbidden)
			if e := w.entries(1)[0]; e.Action != action || e.Refused != staff.ErrForbidden.Error() || e.Member != "agent" {
				w.Errorf("%s: the newest entry is %+v", action, e)
			}
			w.want(change(w.staff, acting(ada, " ")), staff.ErrNoReason)
			w.want(change(w.forgetful(), acting(ada, "because")), reset.ErrUnavailable)
		}
		if after := w.members(); after != before {
			w.Errorf("members changed from %s to %s", before, after)
		}
		for _, action := range []staff.Action{staff.AddedMember, staff.MadeLink, staff.ChangedRole, staff.DisabledMember, staff.EnabledMember} {
			w.must(changes[action](w.staff, acting(ada, "because")))
			if e := w.entries(1)[0]; e.Action != action || e.Refused != "" || e.Reason != "because" {
				w.Errorf("%s: the newest entry is %+v", action, e)
			}
		}
		// A failure is a second entry.
		w.must(w.staff.SetActive(w.Context(), acting(ada, "because"), "agent", false))
		w.want(w.staff.SetRole(w.Context(), acting(ada, "because"), "Ada", staff.Viewer), staff.ErrLastAdmin)
		if e := w.entries(1)[0]; e.Target != "ada to viewer" || e.Refused != staff.ErrLastAdmin.Error() {
			w.Errorf("the newest entry is %+v", e)
		}
		for _, name := range []string{"nobody", "", "operator"} {
			w.want(w.staff.SetActive(w.Context(), acting(ada, "because"), name, false), reset.ErrNotFound)
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
