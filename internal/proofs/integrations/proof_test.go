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
	newPassword = `it's an otter in "the\attic"`
)

// person is an owner of an account. A person with an empty typed does not use resetd,
// keeps the password and stays signed in.
type person struct {
	id, name, email string
	typed           string // into resetd's form
	password        string // of the account at first, if not oldPassword
	withheld        string // why there is no link
	locked          bool   // can't sign in until a reset
	installed       bool   // added by the framework's own command
}

// owner is the first account, and uses a real browser.
var owner = person{id: "1", name: "owner", email: "owner@example.org", typed: "owner@example.org"}

// everywhere are the people that are tested with every framework.
var everywhere = []person{
	owner,
	{id: "2", name: "capital", email: "Capital@Example.org", typed: "capital@example.ORG"},
	{id: "3", name: "umlaut", email: "jürgen@example.org", typed: "JÜRGEN@example.org"},
	{id: "4", name: "bystander", email: "bystander@example.org"},
}

// among returns everywhere together with other people.
func among(others ...person) []person { return append(slices.Clip(everywhere), others...) }

// twins have addresses that are different in a unique column, but perhaps equal for a
// mail server. One uses the link, the other does not.
var twins = among(
	person{id: "5", name: "twin", email: "twin@example.org"},
	person{id: "6", name: "twin2", email: "Twin@example.org", typed: "twin@example.org"},
)

func (p person) twin() bool { return strings.HasPrefix(p.name, "twin") }

// lines returns the accounts that the application must create.
func (a *application) lines() string {
	var b strings.Builder
	for _, p := range a.people {
		if !p.installed {
			fmt.Fprintln(&b, p.name, p.email, cmp.Or(p.password, oldPassword))
		}
	}
	return b.String()
}

// name returns the name or address to sign in with.
func (a *application) name(p person) string {
	if a.byName {
		return p.name
	}
	return a.address(p.id)
}

// address returns the stored address of an account.
func (a *application) address(id string) string {
	a.Helper()
	return a.db.Text(a.T, `SELECT `+cmp.Or(a.email, "email")+` FROM `+a.table+` WHERE id = `+id)
}

func (a *application) firstLogin() string { return cmp.Or(a.admin, a.login) }

// prove resets the passwords of people, and compares all data before and after. Then
// one of them says "this wasn't me".
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
	a.rescues(a.people[1])
}

// signAllIn returns a signed-in browser for everybody who can sign in.
func (a *application) signAllIn() map[string]*browser {
	a.Helper()
	sessions := map[string]*browser{}
	for _, p := range a.people {
		if sessions[p.id] = a.browser(); sessions[p.id].signIn(p, oldPassword) == (p.withheld != "" || p.locked) {
			a.Fatalf("before: account %s can sign in: %t", p.id, p.withheld != "" || p.locked)
		}
	}
	return sessions
}

// forgets requests a link and uses it.
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
			a.Errorf("account %s: withheld because of %q, want %s", p.id, got, p.withheld)
		}
		return
	}
	at(b.Get(link).Submit("new_password", newPassword, "confirm_password", newPassword), "/password-reset/complete")
}

func (p person) changes() bool { return p.typed != "" && p.withheld == "" }

// wanted returns the expected changes.
func (a *application) wanted() (all []string) {
	a.Helper()
	for _, p := range a.people {
		if !p.changes() {
			continue
		}
		columns := a.columns
		if p.locked {
			columns = append(slices.Clip(columns), a.unlocks...)
		}
		for _, column := range columns {
			all = append(all, strings.Trim(cmp.Or(a.hashes, a.table), `"`)+"/"+p.id+"/"+column)
		}
		if a.ends != "" {
			all = append(all, "-"+a.db.Text(a.T, fmt.Sprintf(a.ends, p.id)))
		}
	}
	slices.Sort(all)
	return all
}

// checkSessions checks whether the browsers are still signed in.
func (a *application) checkSessions(sessions map[string]*browser) {
	a.Helper()
	for _, p := range a.people {
		want := p.withheld == "" && (a.sessions || !p.changes())
		if got := sessions[p.id].signedIn(p); got != want {
			a.Errorf("after: account %s is still signed in: %t, want %t", p.id, got, want)
		}
	}
}

// checkPasswords tries the new and the old passwords.
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
