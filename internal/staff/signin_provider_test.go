package staff_test

import (
	"strings"
	"sync"
	"testing"

	"resetd/internal/staff"
	"resetd/internal/testkit"
)

func identity(subject, name string, roles ...string) staff.Identity {
	return staff.Identity{Issuer: "https://id.example.org", Subject: subject, Name: name, Roles: roles}
}

// Who comes for the first time becomes a member. The role follows the provider.
func TestProvidedMemberIsRecorded(t *testing.T) {
	eachWorld(t, func(w *world) {
		m, err := w.staff.SignInBy(w.Context(), identity("1", "Ada", "staff", "viewer", "agent"), testkit.Visitor)
		w.must(err)
		w.recorded(
			by("Ada", staff.Agent, staff.AddedMember, func(e *staff.Entry) { e.Target = "Ada as agent" }),
			by("Ada", staff.Agent, staff.SignedIn),
		)
		if !w.alive(w.staff.Ticket(m)) {
			w.Error("the session is not alive")
		}
		again, err := w.staff.SignInBy(w.Context(), identity("1", "Another Name", "admin"), testkit.Visitor)
		w.must(err)
		w.recorded(
			by("Ada", staff.Admin, staff.ChangedRole, func(e *staff.Entry) { e.Target = "Ada to admin" }),
			by("Ada", staff.Admin, staff.SignedIn),
		)
		again, err = w.staff.Member(w.Context(), w.staff.Ticket(again))
		w.must(err)
		if again.ID != m.ID || again.Role != staff.Admin || again.Name != "Ada" {
			w.Errorf("got %s, %s", again.Name, again.Role)
		}
		for _, plain := range []string{"", "Ada"} { // there is no password
			_, err := w.staff.SignIn(w.Context(), "Ada", plain, "", testkit.Visitor, staff.Tries{})
			if err == nil {
				w.Error("a member of the provider signed in by password")
			}
		}
	})
}

func TestProviderIsRefused(t *testing.T) {
	eachWorld(t, func(w *world) {
		for _, roles := range [][]string{nil, {"Admin"}, {"administrator", ""}} {
			_, err := w.staff.SignInBy(w.Context(), identity("1", "ada", roles...), testkit.Visitor)
			w.want(err, staff.ErrNoRole)
			w.recorded(by(staff.Nobody, "", staff.SignedIn, func(e *staff.Entry) { e.Refused = staff.ErrNoRole.Error() }))
		}
		w.stored(`SELECT count(*) FROM reset_staff`, "0")
		boss := w.add("boss", staff.Admin)
		m, err := w.staff.SignInBy(w.Context(), identity("1", "ada", "admin"), testkit.Visitor)
		w.must(err)
		w.must(w.staff.SetActive(w.Context(), acting(boss, "left"), "ada", false))
		if w.alive(w.staff.Ticket(m)) {
			w.Error("the session of a disabled member is alive")
		}
		for _, roles := range [][]string{{"admin"}, nil} {
			_, err = w.staff.SignInBy(w.Context(), identity("1", "ada", roles...), testkit.Visitor)
			w.want(err, staff.ErrDisabled)
			w.recorded(by("ada", staff.Admin, staff.SignedIn, func(e *staff.Entry) { e.Refused = staff.ErrDisabled.Error() }))
		}
		w.must(w.staff.SetActive(w.Context(), acting(boss, "is back"), "ada", true))
		_, err = w.staff.SignInBy(w.Context(), identity("1", "ada"), testkit.Visitor)
		w.want(err, staff.ErrNoRole)
		w.recorded(by("ada", staff.Admin, staff.SignedIn, func(e *staff.Entry) { e.Refused = staff.ErrNoRole.Error() }))
		// The same subject of another provider is somebody else.
		other := identity("1", "ada", "viewer")
		other.Issuer = "https://other.example.org"
		got, err := w.staff.SignInBy(w.Context(), other, testkit.Visitor)
		if err != nil || got.ID == m.ID || got.Name != "ada-2" {
			w.Errorf("got %s (%v)", got.Name, err)
		}
	})
}

// A name of the provider never leads into the account of another member.
func TestProvidedNamesAreTheirOwn(t *testing.T) {
	eachWorld(t, func(w *world) {
		local := w.add("ada", staff.Admin)
		for i, c := range [][2]string{
			{"ada", "ada-2"},
			{"ADA", "ADA-3"},
			{"ada@example.org", "ada-4"},
			{"operator", "operator-2"},
			{"", "member"},
			{"..", "member-2"},
			{"@", "member-3"},
			{"Zoë Example", "Zo--Example"},
			{strings.Repeat("x", 200), strings.Repeat("x", 58)},
			{"(unknown)", "unknown"},
		} {
			m, err := w.staff.SignInBy(w.Context(), identity(string(rune('a'+i)), c[0], "viewer"), testkit.Visitor)
			if err != nil || m.Name != c[1] || m.ID == local.ID {
				w.Errorf("%q: got %q (%v), want %q", c[0], m.Name, err, c[1])
			}
		}
	})
}

// If a new person sends several answers at the same time, there is one member.
func TestConcurrentFirstSignIns(t *testing.T) {
	eachWorld(t, func(w *world) {
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				if _, err := w.staff.SignInBy(w.Context(), identity(string(rune('a'+i%2)), "ada", "viewer"), testkit.Visitor); err != nil {
					w.Error(err)
				}
			})
		}
		wg.Wait()
		w.stored(`SELECT count(*) FROM reset_staff`, "2")
	})
}

// The provider alone decides about role, password and secret.
func TestProvidedMembersHaveNeitherPasswordNorLink(t *testing.T) {
	eachWorld(t, func(w *world) {
		boss := w.add("boss", staff.Admin)
		m, err := w.staff.SignInBy(w.Context(), identity("1", "ada", "admin"), testkit.Visitor)
		w.must(err)
		_, link := w.staff.RenewLink(w.Context(), acting(boss, "x"), "ada")
		_, secret := w.staff.IssueTOTP(w.Context(), staff.Operator(), "ada")
		for _, err := range []error{
			link, secret, w.staff.SetPassword(w.Context(), staff.Operator(), "ada", good, good), w.staff.SetRole(w.Context(), staff.Operator(), "ada", staff.Viewer),
			w.staff.SetRole(w.Context(), acting(boss, "x"), "ada", staff.Viewer),
		} {
			w.want(err, staff.ErrProvided)
		}
		if e := w.entries(1)[0]; e.Member != "boss" || e.Refused != staff.ErrProvided.Error() {
			w.Errorf("the newest entry is %+v", e)
		}
		if _, err := w.staff.ChangeOwnPassword(w.Context(), acting(m, ""), staff.Present{}, good, good); err == nil {
			w.Error("a member of the provider has set a password")
		}
		// An admin of the provider does not count as the last one: it may be down.
		w.want(w.staff.SetActive(w.Context(), acting(m, "x"), "boss", false), staff.ErrLastAdmin)
		w.must(w.staff.SetActive(w.Context(), acting(boss, "x"), "ada", false))
	})
}
