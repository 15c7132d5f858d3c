package staff_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"resetd/internal/history"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// may are the roles of each action, repeated here as the expected values.
var may = map[staff.Action]string{
	staff.SignedIn: "viewer sender agent admin", staff.SignedOut: "viewer sender agent admin", staff.FoundPerson: "viewer sender agent admin",
	staff.Searched: "viewer agent admin", staff.ViewedReset: "viewer agent admin", staff.ViewedUser: "viewer agent admin",
	staff.ViewedTotals: "viewer agent admin", staff.Exported: "viewer agent admin",
	staff.SentLink: "sender agent admin", staff.SentLinkTo: "sender agent admin", staff.MailedCode: "sender agent admin", staff.TypedCode: "sender agent admin",
	staff.Revoked: "agent admin", staff.RevokedAll: "agent admin", staff.Unlocked: "agent admin", staff.EndedSessions: "agent admin",
	staff.DisabledUser: "agent admin", staff.EnabledUser: "agent admin", staff.Noted: "agent admin",
	staff.ViewedAudit: "admin", staff.ExportedAudit: "admin", staff.ViewedMembers: "admin",
	staff.AddedMember: "admin", staff.DisabledMember: "admin", staff.EnabledMember: "admin", staff.MadeLink: "admin", staff.ChangedRole: "admin",
	staff.ChangedOwnPassword: "viewer sender agent admin", staff.ChangedOwnTOTP: "viewer sender agent admin",
	staff.ChangedPassword: "", staff.IssuedTOTP: "", staff.UsedLink: "", // only at the command line, and by the members themselves
	"something else": "", "": "",
}

func TestActionsRequireTheirRole(t *testing.T) {
	for action, roles := range may {
		for _, role := range append(staff.Roles, "", "king") {
			want := role != "" && strings.Contains(roles, string(role))
			if got := staff.May(role, action); got != want {
				t.Errorf("%q by %q: got %v, want %v", action, role, got, want)
			}
		}
	}
}

// A viewer tries to act on resets, and an agent tries to manage staff.
func TestRefusedActionIsRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		viewer, agent := w.add("viewer", staff.Viewer), w.add("agent", staff.Agent)
		disabled := agent
		disabled.Active = false
		r := w.link("user@example.org")
		refused := func(e *staff.Entry) {
			e.Target, e.Reason, e.Refused = r.String(), "she called", staff.ErrForbidden.Error()
		}
		for _, m := range []staff.Member{viewer, disabled, {Role: staff.Admin}} {
			_, err := w.staff.SendLink(w.Context(), acting(m, "she called"), r, staff.Request{})
			w.want(err, staff.ErrForbidden)
			w.recorded(by(m.Name, m.Role, staff.SentLink, refused))
			w.want(w.staff.Revoke(w.Context(), acting(m, "she called"), r), staff.ErrForbidden)
			w.recorded(by(m.Name, m.Role, staff.Revoked, refused))
		}
		for _, action := range []staff.Action{staff.AddedMember, staff.DisabledMember, staff.ChangedRole, staff.MadeLink, staff.IssuedTOTP, staff.ViewedAudit} {
			w.want(w.staff.Authorise(w.Context(), acting(agent, ""), action, "viewer"), staff.ErrForbidden)
			w.recorded(by("agent", staff.Agent, action, func(e *staff.Entry) {
				e.Target, e.Refused = "viewer", staff.ErrForbidden.Error()
			}))
		}
		w.stored(`SELECT count(*) FROM password_resets WHERE revoked_at IS NULL`, "1")
	})
}

func TestAllowedActionIsRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		viewer := w.add("viewer", staff.Viewer)
		target := "/support?q=" + strings.Repeat("x", 3000)
		w.must(w.staff.Authorise(w.Context(), acting(viewer, ""), staff.Searched, target))
		w.recorded(by("viewer", staff.Viewer, staff.Searched, func(e *staff.Entry) { e.Target = target[:2000] }))
		entries, err := w.staff.Audit(w.Context(), staff.Search{Rows: 1})
		w.must(err)
		if len(entries) != 1 || !entries[0].At.Equal(w.clock.Now()) {
			w.Errorf("got %+v, want one entry with the current time", entries)
		}
	})
}

// An attempt must be recorded even if the member disconnects.
func TestActionIsRecordedAfterADisconnect(t *testing.T) {
	eachWorld(t, func(w *world) {
		viewer := w.add("viewer", staff.Viewer)
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		w.want(w.staff.Revoke(ctx, acting(viewer, "x"), uuid.Nil), staff.ErrForbidden)
		if got := w.entries(1)[0]; got.Action != staff.Revoked || got.Refused == "" {
			w.Errorf("the newest entry is %+v", got)
		}
	})
}

func TestActionsOnAPersonRequireAReason(t *testing.T) {
	eachWorld(t, func(w *world) {
		agent := w.add("agent", staff.Agent)
		r := w.link("user@example.org")
		for reason, want := range map[string]error{"": staff.ErrNoReason, " \t\n": staff.ErrNoReason, strings.Repeat("x", staff.MaxReason+1): staff.ErrLongReason} {
			_, err := w.staff.SendLink(w.Context(), acting(agent, reason), r, staff.Request{})
			w.want(err, want)
			w.want(w.staff.Revoke(w.Context(), acting(agent, reason), r), want)
			if got := w.entries(1)[0].Refused; got != want.Error() {
				w.Errorf("the recorded refusal is %q, want %q", got, want)
			}
		}
		w.stored(`SELECT count(*) FROM password_resets WHERE revoked_at IS NULL`, "1")
	})
}

func TestStaffSendAndRevokeALink(t *testing.T) {
	eachWorld(t, func(w *world) {
		agent := w.add("Agent.One", staff.Agent)
		first := w.link("user@example.org")
		w.clock.Add(time.Minute)
		made, err := w.staff.SendLink(w.Context(), acting(agent, " the mail was lost "), first, staff.Request{})
		w.must(err)
		w.recorded(by("Agent.One", staff.Agent, staff.SentLink, func(e *staff.Entry) { e.Target, e.Reason = first.String(), "the mail was lost" }))
		r, err := w.store.Reset(w.Context(), made)
		w.must(err)
		if r.RequestedBy != "staff:Agent.One" || r.Email != "user@example.org" {
			w.Errorf("requested by %q for %s", r.RequestedBy, r.Email)
		}
		w.must(w.staff.Revoke(w.Context(), acting(agent, "wrong caller"), made))
		w.recorded(by("Agent.One", staff.Agent, staff.Revoked, func(e *staff.Entry) { e.Target, e.Reason = made.String(), "wrong caller" }))
		if r, err = w.store.Reset(w.Context(), made); err != nil || r.RevokedBy != "staff:Agent.One" {
			w.Errorf("revoked by %q (%v)", r.RevokedBy, err)
		}
	})
}

// An action that fails has two entries: one for the attempt and one for the failure.
func TestFailedActionIsRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		agent := w.add("agent", staff.Agent)
		r := w.link("user@example.org")
		w.must(w.staff.Revoke(w.Context(), acting(agent, "first"), r))
		w.want(w.staff.Revoke(w.Context(), acting(agent, "again"), r), reset.ErrRevoked)
		begun := by("agent", staff.Agent, staff.Revoked, func(e *staff.Entry) { e.Target, e.Reason = r.String(), "again" })
		failed := begun
		failed.Refused = reset.ErrRevoked.Error()
		w.recorded(begun, failed)

		w.db.SQL(w.T, `UPDATE users SET active = false`)
		_, err := w.staff.SendLink(w.Context(), acting(agent, "again"), r, staff.Request{})
		w.want(err, staff.ErrWithheld)
		if got := w.entries(1)[0]; got.Action != staff.SentLink || got.Refused == "" {
			w.Errorf("the newest entry is %+v, want the refusal", got)
		}
	})
}

// watched are resets that check the audit at each action.
type watched struct {
	staff.Resets
	look func()
}

func (r watched) RequestAgain(context.Context, reset.ID, string, string, reset.Client) (reset.ID, error) {
	r.look()
	return reset.ID{}, nil
}

func (r watched) RevokeBy(context.Context, reset.ID, string) error { r.look(); return nil }

// unconfirmed are resets whose actions are done, and whose commits the database does not confirm.
type unconfirmed struct{ staff.Resets }

func (r unconfirmed) RevokeBy(ctx context.Context, id reset.ID, by string) error {
	return errors.Join(r.Resets.RevokeBy(ctx, id, by), reset.ErrUncertain)
}

// The record can't be changed later, so it must not say that an action failed that was done.
func TestUnconfirmedActionIsNotCalledFailed(t *testing.T) {
	eachWorld(t, func(w *world) {
		agent, r := w.add("agent", staff.Agent), w.link("user@example.org")
		cfg := w.config(keys(w, "a"))
		cfg.Resets = unconfirmed{w.resets}
		s, err := staff.New(cfg)
		w.must(err)
		w.want(s.Revoke(w.Context(), acting(agent, "she called"), r), reset.ErrUncertain)
		w.stored(`SELECT count(*) FROM password_resets WHERE revoked_at IS NOT NULL`, "1")
		w.recorded(by("agent", staff.Agent, staff.Revoked, func(e *staff.Entry) {
			e.Target, e.Reason, e.Refused = r.String(), "she called", "outcome unknown"
		}))
	})
}

func TestActionIsRecordedBeforeItHappens(t *testing.T) {
	eachWorld(t, func(w *world) {
		agent := w.add("agent", staff.Agent)
		acts := 0
		cfg := w.config(keys(w, "a"))
		cfg.Resets = watched{w.resets, func() {
			acts++
			if got := w.entries(1)[0].Reason; got != "she called" {
				w.Errorf("during the action the newest entry is %q", got)
			}
		}}
		for _, remembers := range []bool{true, false} {
			if !remembers {
				cfg.Store = forgetful{w.store}
			}
			s, err := staff.New(cfg)
			w.must(err)
			_, sent := s.SendLink(w.Context(), acting(agent, "she called"), uuid.New(), staff.Request{})
			revoked := s.Revoke(w.Context(), acting(agent, "she called"), uuid.New())
			if (sent == nil) != remembers || (revoked == nil) != remembers {
				w.Errorf("got %v and %v, with a store that remembers: %v", sent, revoked, remembers)
			}
		}
		if acts != 2 {
			w.Errorf("%d actions, want 2: no action without an entry", acts)
		}
	})
}

// link requests a link as the owner, and returns the reset.
func (w *world) link(email string) reset.ID {
	w.Helper()
	hash, err := w.hasher.Hash(w.Context(), password.ForReset, good)
	w.must(err)
	testkit.AddUser(w, w.store, email, hash)
	w.must(w.resets.Request(w.Context(), testkit.Address(w, email), testkit.Visitor, ""))
	due, err := w.resets.Lease(w.Context(), reset.AllDue, time.Minute, 10)
	w.must(err)
	_, err = w.resets.Match(w.Context(), due)
	w.must(err)
	return testkit.Resets(w, w.store, history.Filter{Email: email}, w.clock.Now())[0].ID
}
