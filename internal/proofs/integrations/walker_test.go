//go:build integrations

package integrations

import (
	"context"
	"strings"

	"github.com/chromedp/chromedp"

	"resetd/internal/testkit"
)

// walker is a person with a real browser.
type walker struct {
	*application
	ctx context.Context
}

func (a *application) walker() walker {
	a.Helper()
	return walker{a, testkit.Browser(a.T, true)}
}

func (w walker) do(steps ...chromedp.Action[chromedp.Void]) {
	w.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		page, _ := chromedp.Run(w.ctx, chromedp.OuterHTML(chromedp.CSS("html")))
		w.Fatalf("%v; the page:\n%s", err, page)
	}
}

func (w walker) visit(link string) { w.Helper(); w.do(chromedp.Navigate(link)) }

// fill types into the page's form and presses its button.
func (w walker) fill(pairs ...string) {
	w.Helper()
	for i := 0; i < len(pairs); i += 2 {
		field := chromedp.CSS(`input[name="` + pairs[i] + `"]`)
		w.do(chromedp.Clear(field), chromedp.Focus(field), chromedp.KeyEvent(pairs[i+1]))
	}
	w.click(`form[method="post"] [type="submit"]`)
}

func (w walker) click(selector string) {
	w.Helper()
	if _, err := chromedp.RunResponse(w.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		page, _ := chromedp.Run(w.ctx, chromedp.OuterHTML(chromedp.CSS("html")))
		w.Fatalf("click %s: %v; the page:\n%s", selector, err, page)
	}
}

// at checks the URL of the browser.
func (w walker) at(page string) {
	w.Helper()
	location, err := chromedp.Run(w.ctx, chromedp.Location())
	w.must(err)
	if location, _, _ = strings.Cut(location, "?"); location != page {
		w.Fatalf("at %s, want %s", location, page)
	}
}

// forgets goes from the application's sign-in page, which must be open, to a new
// password.
func (w walker) forgets(p person) {
	w.Helper()
	w.click(`a[href*="password"]`)
	w.at(w.beside.url + "/password-reset")
	before := len(w.beside.mails())
	w.fill("email", p.typed)
	w.at(w.beside.url + "/password-reset/done")
	w.visit(w.beside.links(w.browser(), before)[p.id])
	w.at(w.beside.url + "/password-reset/confirm")
	w.fill("new_password", newPassword, "confirm_password", newPassword)
	w.at(w.beside.url + "/password-reset/complete")
}

// returns goes to the application's sign-in page and signs in.
func (w walker) returns(p person) {
	w.Helper()
	w.click(`a[href="` + w.url + w.firstLogin() + `"]`)
	w.fill(w.fields[0], w.name(p), w.fields[1], oldPassword)
	w.at(w.url + w.firstLogin())
	w.fill(w.fields[0], w.name(p), w.fields[1], newPassword)
	w.visit(w.url + "/")
	w.at(w.url + "/")
	heading, err := chromedp.Run(w.ctx, chromedp.Text(chromedp.CSS("h1")))
	w.must(err)
	if !strings.Contains(heading, w.name(p)) {
		w.Errorf("signed in as %q, want %s", heading, w.name(p))
	}
}
