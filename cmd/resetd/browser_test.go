package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"resetd/internal/testkit"
)

// walker is a person with a real browser.
type walker struct {
	*site
	ctx context.Context
}

// eachBrowser runs a test in a browser with scripts on SQLite, and in one without on
// PostgreSQL: a start of Chromium takes seconds, and scripts do not concern the store.
func eachBrowser(t *testing.T, test func(w walker), settings ...setting) {
	t.Helper()
	run := func(name string, scripts bool, database func(*testing.T) testkit.Database) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(walker{newSite(t, database(t), settings...).work(), testkit.Browser(t, scripts)})
		})
	}
	run("with scripts", true, func(t *testing.T) testkit.Database { return testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)} })
	run("without scripts", false, func(t *testing.T) testkit.Database {
		return testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
	})
}

func (w walker) do(steps ...chromedp.Action[chromedp.Void]) {
	w.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		page, _ := chromedp.Run(w.ctx, chromedp.OuterHTML(chromedp.CSS("html")))
		w.Fatalf("%v; the page:\n%s", err, page)
	}
}

// read returns what an action reads from the page.
func read[T any](w walker, action chromedp.Action[T]) T {
	w.Helper()
	value, err := chromedp.Run(w.ctx, action)
	w.must(err)
	return value
}

func (w walker) visit(path string)   { w.Helper(); w.do(chromedp.Navigate(w.url + path)) }
func (w walker) see(selector string) { w.Helper(); w.do(chromedp.WaitVisible(chromedp.CSS(selector))) }

// fill types into fields, presses the button and waits for the next page. It does not
// use chromedp.SendKeys, which reads attributes while they may change.
func (w walker) fill(pairs ...string) {
	w.Helper()
	for i := 0; i < len(pairs); i += 2 {
		field := chromedp.CSS(`input[name="` + pairs[i] + `"]`)
		w.do(chromedp.Clear(field), chromedp.Focus(field), chromedp.KeyEvent(pairs[i+1]))
	}
	w.click(`main form button[type="submit"]`)
}

func (w walker) click(selector string) {
	w.Helper()
	if _, err := chromedp.RunResponse(w.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)); err != nil {
		w.Fatalf("click %s: %v", selector, err)
	}
}

func (w walker) at(path, heading string) {
	w.Helper()
	location, text := read(w, chromedp.Location()), read(w, chromedp.Text(chromedp.CSS("h1")))
	if location != w.url+path || !strings.Contains(text, heading) {
		w.Fatalf("at %s with heading %q, want %s with %q", location, text, path, heading)
	}
}

// The whole process, from the forgotten password to the sign-in.
func TestForgottenPasswordInABrowser(t *testing.T) {
	eachBrowser(t, func(w walker) {
		w.user("user@example.org")
		w.visit("")
		w.at("/login", "Sign in")
		w.click(`a[href="/password-reset"]`)
		w.fill("email", "nonsense")
		w.at("/password-reset", "")
		w.see(`[role="alert"]`)
		w.fill("email", "User@Example.org")
		w.at("/password-reset/done", "Check your inbox")

		link := w.linkIn(w.mails()[0])
		w.visit(link)
		w.at("/password-reset/confirm", "")
		w.fill("new_password", "otter", "confirm_password", "otters")
		w.see(`[role="alert"]`)
		w.fill("new_password", newPassword, "confirm_password", newPassword)
		w.at("/password-reset/complete", "")

		w.click(`a[href="/login"]`)
		w.fill("email", "user@example.org", "password", oldPassword)
		w.see(`[role="alert"]`)
		w.fill("email", "user@example.org", "password", newPassword)
		w.at("/login", "signed in")
		w.visit(link)
		w.see(`form[action="/password-reset"]`)
	})
}

// The page of a dead link has no referrer, and browsers before 2023 tell only by Origin where
// a form comes from.
func TestFormOfADeadLinkInAnOldBrowser(t *testing.T) {
	eachBrowser(t, func(w walker) {
		old := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			w.app.handler.ServeHTTP(rw, r)
		}))
		w.Cleanup(old.Close)
		w.url = old.URL
		w.visit("/password-reset/confirm/short")
		w.fill("email", "user@example.org")
		w.at("/password-reset/done", "Check your inbox")
	})
}

// An email scanner may run scripts and wait for their end.
func TestOpeningALinkInABrowserKeepsItAlive(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		w := walker{s, testkit.Browser(s.T, true)}
		for range 5 {
			w.visit(link)
		}
		b := s.browser()
		b.Choose(b.OpenLink(link), newPassword, newPassword).Is(303)
	})
}

func TestShowButtonTogglesThePassword(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}).work()
	s.user("user@example.org")
	w := walker{s, testkit.Browser(t, true)}
	faults := make(chan string, 100)
	w.must(chromedp.Listen(w.ctx, func(event any) {
		if e, ok := event.(*runtime.EventExceptionThrown); ok {
			faults <- e.ExceptionDetails.Text
		}
	}))
	w.visit(s.ask("user@example.org"))
	field, button := chromedp.CSS(`#new_password`), chromedp.CSS(`button[aria-controls="new_password"]`)
	w.do(chromedp.WaitVisible(button), chromedp.Focus(field), chromedp.KeyEvent("otter"), chromedp.Click(button))
	w.see(`#new_password[type="text"]`)
	w.do(chromedp.Click(button))
	w.see(`#new_password[type="password"]`)
	if len(faults) > 0 {
		t.Errorf("a script failed: %s", <-faults)
	}
}
