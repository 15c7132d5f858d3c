package staff_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

func TestNewRequiresItsSafetyParts(t *testing.T) {
	eachWorld(t, func(w *world) {
		for name, without := range map[string]func(*staff.Config){
			"a store":  func(c *staff.Config) { c.Store = nil },
			"resets":   func(c *staff.Config) { c.Resets = nil },
			"a hasher": func(c *staff.Config) { c.Passwords = nil },
			"keys":     func(c *staff.Config) { c.Keys = reset.Keys{} },
			"a clock":  func(c *staff.Config) { c.Now = nil },
			"a site":   func(c *staff.Config) { c.Site = "" },
		} {
			cfg := w.config(keys(w, "a"))
			without(&cfg)
			if _, err := staff.New(cfg); err == nil {
				w.Errorf("without %s: got no error", name)
			}
		}
	})
}

// Every refused sign-in must give the same answer, verify one hash, and be recorded
// with its reason. A name that no member has is not recorded: it may be a password.
func TestRefusedSignInRevealsNothing(t *testing.T) {
	eachWorld(t, func(w *world) {
		secret := w.addCoded("Agent.One", staff.Agent)
		w.addCoded("gone", staff.Agent)
		w.must(w.staff.SetActive(w.Context(), staff.Operator(), "gone", false))
		wrong := strings.Map(func(r rune) rune { return '0' + (r-'0'+1)%10 }, w.code(secret))
		for name, c := range map[string]struct{ typed, plain, code, hash, kept, refused string }{
			"unknown":        {"nobody", good, w.code(secret), "", staff.Nobody, "no such member"},
			"no name at all": {"", good, "", "", staff.Nobody, "no such member"},
			"not a name":     {"a\x00b\xff", good, "", "", staff.Nobody, "no such member"},
			"a long one":     {strings.Repeat("ä", 100), good, "", "", staff.Nobody, "no such member"},
			"the operator":   {"operator", good, "", "", staff.Nobody, "no such member"},
			"wrong password": {" agent.one ", better, w.code(secret), "hash of " + good, "agent.one", "wrong password"},
			"both wrong":     {"agent.one", better, wrong, "hash of " + good, "agent.one", "wrong password"},
			"wrong code":     {"agent.one", good, wrong, "hash of " + good, "agent.one", "wrong code"},
			"no code":        {"agent.one", good, "", "hash of " + good, "agent.one", "wrong code"},
			"disabled":       {"gone", good, "", "hash of " + good, "gone", "disabled"},
		} {
			w.hasher.verified = nil
			m, err := w.staff.SignIn(w.Context(), c.typed, c.plain, c.code, testkit.Visitor, staff.Tries{Source: name})
			if err != reset.ErrCredentials || m.ID != (reset.ID{}) { //nolint:errorlint // it must not be wrapped
				w.Errorf("%s: got %v, %v", name, m, err)
			}
			if diff := cmp.Diff([]string{c.hash}, w.hasher.verified); diff != "" {
				w.Errorf("%s: verified (-want +got)\n%s", name, diff)
			}
			w.recorded(by(c.kept, "", staff.SignedIn, func(e *staff.Entry) { e.Refused = c.refused }))
		}
	})
}

func TestSignInIsRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		secret := w.addCoded("Agent.One", staff.Agent)
		m, err := w.staff.SignIn(w.Context(), " AGENT.one", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err)
		if m.Name != "Agent.One" || m.Role != staff.Agent {
			w.Errorf("got %v, %s", m, m.Role)
		}
		w.recorded(by("Agent.One", staff.Agent, staff.SignedIn))
		if at := w.entries(1)[0].At; !at.Equal(w.clock.Now()) {
			w.Errorf("at %v, want %v", at, w.clock.Now())
		}
		now, err := w.staff.Member(w.Context(), w.staff.Ticket(m))
		w.must(err)
		if now.ID != m.ID {
			w.Errorf("the session belongs to %v", now)
		}
	})
}

// A sign-in that can't be recorded must fail.
func TestSignInThatCannotBeRecordedFails(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.add("agent", staff.Agent)
		w.staff = w.forgetful()
		if _, err := w.staff.SignIn(w.Context(), "agent", good, "", testkit.Visitor, staff.Tries{}); err == nil {
			w.Error("signed in without an entry")
		}
	})
}

func TestCodeWorksOnce(t *testing.T) {
	eachWorld(t, func(w *world) {
		secret := w.addCoded("agent", staff.Agent)
		code := w.code(secret)
		var wg sync.WaitGroup
		errs := make(chan error, 10)
		for range cap(errs) {
			// A separate service, as in another instance.
			s, err := staff.New(staff.Config{Store: w.store, Resets: w.resets, Passwords: &hasher{}, New: w.resets, Keys: keys(w, "a"), Now: w.clock.Now, Site: "Example"})
			w.must(err)
			wg.Go(func() {
				_, err := s.SignIn(w.Context(), "agent", good, code, testkit.Visitor, staff.Tries{})
				errs <- err
			})
		}
		wg.Wait()
		close(errs)
		in := 0
		for err := range errs {
			if err == nil {
				in++
			} else {
				w.want(err, reset.ErrCredentials)
			}
		}
		if in != 1 {
			w.Errorf("%d of 10 signed in with one code, want 1", in)
		}
		w.stored(`SELECT count(*) FROM reset_audit WHERE refused = 'code used before'`, "9")
	})
}

// A code of a step before the last used one is refused, although the clock allows
// that step.
func TestOlderCodeIsRefusedAfterANewerOne(t *testing.T) {
	eachWorld(t, func(w *world) {
		secret := w.addCoded("agent", staff.Agent)
		older := w.code(secret)
		w.clock.Add(30 * time.Second)
		_, err := w.staff.SignIn(w.Context(), "agent", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err)
		_, err = w.staff.SignIn(w.Context(), "agent", good, older, testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials)
		w.clock.Add(30 * time.Second)
		_, err = w.staff.SignIn(w.Context(), "agent", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err)
	})
}

// A stranger without the password must not be able to use up a member's codes.
func TestWrongPasswordUsesUpNoCode(t *testing.T) {
	eachWorld(t, func(w *world) {
		secret := w.addCoded("agent", staff.Agent)
		_, err := w.staff.SignIn(w.Context(), "agent", better, w.code(secret), testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials)
		_, err = w.staff.SignIn(w.Context(), "agent", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err)
	})
}

func TestChangeAppliesToTheNextRequest(t *testing.T) {
	changes := map[string]struct {
		change func(w *world) error
		want   error
	}{
		"disabled": {func(w *world) error { return w.staff.SetActive(w.Context(), staff.Operator(), "AGENT", false) }, reset.ErrSignedOut},
		"password": {func(w *world) error {
			return w.staff.SetPassword(w.Context(), staff.Operator(), "agent", better, better)
		}, reset.ErrSignedOut},
		"TOTP secret": {func(w *world) error { _, err := w.staff.IssueTOTP(w.Context(), staff.Operator(), "agent"); return err }, reset.ErrSignedOut},
		"gone":        {func(w *world) error { return w.db.TrySQL(w.T, `DELETE FROM reset_staff`) }, reset.ErrSignedOut},
		"role":        {func(w *world) error { return w.staff.SetRole(w.Context(), staff.Operator(), "agent", staff.Viewer) }, nil},
	}
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				ticket := w.staff.Ticket(w.add("agent", staff.Agent))
				_, err := w.staff.Member(w.Context(), ticket)
				w.must(err)
				w.must(c.change(w))
				m, err := w.staff.Member(w.Context(), ticket)
				w.want(err, c.want)
				if c.want == nil && m.Role != staff.Viewer {
					w.Errorf("the role is still %s", m.Role)
				}
			})
		})
	}
}

// An invalid ticket, or one with the state of another member, is not accepted.
func TestTicketBelongsToOneMember(t *testing.T) {
	eachWorld(t, func(w *world) {
		one, other := w.staff.Ticket(w.add("one", staff.Viewer)), w.staff.Ticket(w.add("other", staff.Admin))
		for _, bad := range []staff.Ticket{
			{}, {ID: "nonsense", State: one.State}, {ID: one.ID}, {ID: other.ID, State: one.State}, {ID: "00000000-0000-0000-0000-000000000000", State: one.State},
		} {
			_, err := w.staff.Member(w.Context(), bad)
			w.want(err, reset.ErrSignedOut)
		}
	})
}

func TestSessionsSurviveAChangeOfKeys(t *testing.T) {
	eachWorld(t, func(w *world) {
		secret, away := w.addCoded("agent", staff.Agent), w.addCoded("away", staff.Agent)
		m, err := w.staff.SignIn(w.Context(), "agent", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err)
		ticket := w.staff.Ticket(m)
		w.clock.Add(time.Minute)
		newer := w.service(keys(w, "b", "a"))
		_, err = newer.Member(w.Context(), ticket)
		w.must(err)
		m, err = newer.SignIn(w.Context(), "agent", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err)
		renewed := newer.Ticket(m)
		w.clock.Add(time.Minute)
		without := w.service(keys(w, "b"))
		_, err = without.Member(w.Context(), ticket)
		w.want(err, reset.ErrSignedOut)
		_, err = without.Member(w.Context(), renewed)
		w.must(err)
		_, err = without.SignIn(w.Context(), "agent", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.must(err) // the last sign-in sealed the secret under the new key
		_, err = without.SignIn(w.Context(), "away", good, w.code(away), testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials)
		if got := w.entries(1)[0].Refused; !strings.Contains(got, "another key") {
			w.Errorf("recorded as %q, want that another key sealed it", got)
		}
	})
}

// An attacker who can write to the database must not be able to copy a secret to
// another member.
func TestCopiedSecretDoesNotOpen(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.addCoded("victim", staff.Admin)
		own := w.addCoded("insider", staff.Viewer)
		w.db.SQL(w.T, `UPDATE reset_staff SET totp = (SELECT totp FROM reset_staff WHERE name = 'insider') WHERE name = 'victim'`)
		_, err := w.staff.SignIn(w.Context(), "victim", good, w.code(own), testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials)
	})
}

func TestDatabaseContainsNoTOTPSecret(t *testing.T) {
	eachWorld(t, func(w *world) {
		secret := w.addCoded("agent", staff.Agent)
		again, err := w.staff.IssueTOTP(w.Context(), staff.Operator(), "agent")
		w.must(err)
		_, err = w.staff.SignIn(w.Context(), "agent", good, w.code(secret), testkit.Visitor, staff.Tries{})
		w.want(err, reset.ErrCredentials)
		_, err = w.staff.SignIn(w.Context(), "agent", good, w.code(again), testkit.Visitor, staff.Tries{})
		w.must(err)
		dump := w.db.Text(w.T, `SELECT totp || name || password_hash FROM reset_staff`) + fmt.Sprint(w.entries(9))
		if strings.Contains(dump, secret.Text()) || strings.Contains(dump, again.Text()) {
			w.Errorf("a secret is in %s", dump)
		}
	})
}

// forgetful returns a service whose store fails to record.
func (w *world) forgetful() *staff.Service {
	w.Helper()
	cfg := w.config(keys(w, "a"))
	cfg.Store = forgetful{w.store}
	s, err := staff.New(cfg)
	w.must(err)
	return s
}

type forgetful struct{ staff.Store }

func (forgetful) Record(context.Context, staff.Entry) error { return reset.ErrUnavailable }
