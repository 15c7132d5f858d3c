//go:build integrations

package integrations

import (
	"slices"
	"strings"

	"resetd/internal/testkit/smtpsink"
)

const ownPassword = "a heron on the roof"

// rescues proves that "this wasn't me" ends the password that a stranger set with a
// link, and the stranger's session as far as the preset promises, and that the link
// which follows works.
func (a *application) rescues(p person) {
	a.Helper()
	stranger := a.browser()
	if !stranger.signIn(p, newPassword) {
		a.Fatalf("account %s: the stranger can't sign in", p.id)
	}
	notice := a.beside.newest(p, "/password-reset/not-me/", "/password-reset/confirm/")
	owner := a.browser()
	owner.Get(a.beside.find("not-me", notice)).Submit("sure", "yes")
	if got := stranger.signedIn(p); got != a.sessions {
		a.Errorf("account %s: the stranger is still signed in: %t, want %t", p.id, got, a.sessions)
	}
	if a.browser().signIn(p, newPassword) {
		a.Errorf("account %s: the stranger's password still signs in", p.id)
	}
	rescue := a.beside.newest(p, "/password-reset/confirm/", "/password-reset/not-me/")
	at(owner.Get(a.beside.find("confirm", rescue)).Submit("new_password", ownPassword, "confirm_password", ownPassword), "/password-reset/complete")
	if !a.browser().signIn(p, ownPassword) {
		a.Errorf("account %s: the owner's password does not sign in", p.id)
	}
}

// newest returns the newest email to a person that has one kind of link, but not
// another.
func (r *resetd) newest(p person, with, without string) smtpsink.Message {
	r.Helper()
	for _, m := range slices.Backward(r.mails()) {
		text := m.Text(r)
		if m.To[0] == r.address(p.id) && strings.Contains(text, with) && !strings.Contains(text, without) {
			return m
		}
	}
	r.Fatalf("account %s has no email with %s", p.id, with)
	return smtpsink.Message{}
}
