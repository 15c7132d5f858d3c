//go:build integrations

package integrations

import (
	"strings"

	"resetd/internal/testkit/webtest"
)

// browser is a browser at an application. It follows redirects.
type browser struct {
	*application
	*webtest.Browser
}

func (a *application) browser() *browser {
	a.Helper()
	return &browser{a, webtest.New(a.T, a.url).Follow()}
}

// at checks the path of a page.
func at(p webtest.Page, path string) webtest.Page {
	p.Helper()
	if p.URL.Path != path {
		p.Fatalf("at %s, want %s; the page:\n%s", p.URL, path, p.Body)
	}
	return p
}

// signIn uses the application's sign-in page, and reports whether the sign-in succeeds.
func (b *browser) signIn(p person, password string) bool {
	b.Helper()
	b.Get(b.login).Submit(b.fields[0], b.name(p), b.fields[1], password)
	return b.signedIn(p)
}

// signedIn reports whether the browser is signed in to the application.
func (b *browser) signedIn(p person) bool {
	b.Helper()
	home := b.Get("/")
	return home.URL.Path == "/" && strings.Contains(home.Find("h1").Text(), b.name(p))
}
