//go:build integrations

package integrations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"
)

const (
	oldPassword = "walrus-on-a-bicycle"
	newPassword = "an otter in the attic"
)

// person is somebody with an account. Who types nothing into resetd's form keeps
// the password, and stays signed in.
type person struct {
	id, name, email string
	typed           string // into resetd's form
	password        string // what else than oldPassword the account begins with
	withheld        string // why there is no link
	installed       bool   // by the framework's own command, not by a line
}

// owner is the first account, and uses a real browser.
var owner = person{id: "1", name: "owner", email: "owner@example.org", typed: "owner@example.org"}

// everywhere are people that every framework may have among its users.
var everywhere = []person{
	owner,
	{id: "2", name: "capital", email: "Capital@Example.org", typed: "capital@example.ORG"},
	{id: "3", name: "umlaut", email: "jürgen@example.org", typed: "JÜRGEN@example.org"},
	{id: "4", name: "bystander", email: "bystander@example.org"},
}

// among are they and others that only some frameworks allow.
func among(others ...person) []person { return append(slices.Clip(everywhere), others...) }

// twins have addresses that a unique column tells apart, and a mail server may
// not. One uses a link, the other's stays unused.
var twins = among(
	person{id: "5", name: "twin", email: "twin@example.org"},
	person{id: "6", name: "twin2", email: "Twin@example.org", typed: "twin@example.org"},
)

// lines are the accounts that the application is to make.
func (a *application) lines() string {
	var b strings.Builder
	for _, p := range a.people {
		if !p.installed {
			fmt.Fprintln(&b, p.name, p.email, cmp.Or(p.password, oldPassword))
		}
	}
	return b.String()
}

// name is what somebody signs in with.
func (a *application) name(p person) string {
	if a.byName {
		return p.name
	}
	return a.address(p.id)
}

// address is the address of an account as the framework keeps it.
func (a *application) address(id string) string {
	a.Helper()
	return a.db.Text(a.T, `SELECT email FROM `+a.table+` WHERE id = `+id)
}

func (a *application) firstLogin() string { return cmp.Or(a.admin, a.login) }

// prove lets people forget their passwords, and compares all that there is
// before and after.
func (a *application) prove() {
	a.start()
	sessions := a.signAllIn()
	w := a.walker()
	w.visit(a.url + a.firstLogin())
	want := a.wanted()
	before := a.dump()

	a.beside.start()
	for _, p := range a.people[1:] {
		a.forgets(p)
	}
	w.forgets(a.people[0])

	if diff := gocmp.Diff(want, changes(before, a.dump())); diff != "" {
		a.Errorf("the application's data (-want +got):\n%s", diff)
	}
	w.returns(a.people[0])
	a.checkSessions(sessions)
	a.checkPasswords()
}

// signAllIn is a browser for everybody who can sign in.
func (a *application) signAllIn() map[string]*browser {
	a.Helper()
	sessions := map[string]*browser{}
	for _, p := range a.people {
		if sessions[p.id] = a.browser(); sessions[p.id].signIn(p, oldPassword) == (p.withheld != "") {
			a.Fatalf("before: account %s signs in: %t", p.id, p.withheld != "")
		}
	}
	return sessions
}

// forgets asks for a link, and uses it.
func (a *application) forgets(p person) {
	a.Helper()
	if p.typed == "" {
		return
	}
	b := a.browser()
	link, sent := a.beside.ask(b, p.typed)[p.id]
	if sent == (p.withheld != "") {
		a.Errorf("account %s gets a link: %t", p.id, sent)
	}
	if p.withheld != "" {
		const newest = `SELECT withheld FROM password_resets WHERE user_id = `
		if got := a.own.Text(a.T, newest+`'`+p.id+`'`); got != p.withheld {
			a.Errorf("account %s: withheld as %q, want %s", p.id, got, p.withheld)
		}
		return
	}
	b.open(link).submit("new_password", newPassword, "confirm_password", newPassword).at("/password-reset/complete")
}

func (p person) changes() bool { return p.typed != "" && p.withheld == "" }

// wanted is what is to change, and nothing else.
func (a *application) wanted() (all []string) {
	a.Helper()
	for _, p := range a.people {
		if !p.changes() {
			continue
		}
		for _, column := range a.columns {
			all = append(all, strings.Trim(a.table, `"`)+"/"+p.id+"/"+column)
		}
		if a.ends != "" {
			all = append(all, "-"+a.db.Text(a.T, fmt.Sprintf(a.ends, p.id)))
		}
	}
	slices.Sort(all)
	return all
}

// checkSessions looks whether the browsers that were signed in still are.
func (a *application) checkSessions(sessions map[string]*browser) {
	a.Helper()
	for _, p := range a.people {
		want := p.withheld == "" && (a.sessions || !p.changes())
		if got := sessions[p.id].signedIn(p); got != want {
			a.Errorf("after: account %s is still signed in: %t, want %t", p.id, got, want)
		}
	}
}

// checkPasswords signs in with the new and with the old one.
func (a *application) checkPasswords() {
	a.Helper()
	for _, p := range a.people {
		for plain, want := range map[string]bool{oldPassword: p.withheld == "" && !p.changes(), newPassword: p.changes()} {
			if got := a.browser().signIn(p, plain); got != want {
				a.Errorf("after: account %s signs in with %q: %t, want %t", p.id, plain, got, want)
			}
		}
	}
}
