package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// eachDesk runs a test with a staff member who is signed in with a code, in a browser
// with Auckland's time zone. There are two resets.
func eachDesk(t *testing.T, scripts bool, test func(w walker)) {
	t.Helper()
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.row(func(r *reset.Reset) { r.CreatedAt = r.CreatedAt.Add(-time.Minute) })
		s.ask("user@example.org")
		code := s.coded("arno", staff.Agent)
		w := walker{s, testkit.Browser(s.T, scripts)}
		complaints := w.listen()
		w.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Pacific/Auckland"})
			return err
		}))
		w.visit("/support?q=user@example.org&only=resets")
		w.at("/support/login?next=%2Fsupport%3Fq%3Duser%40example.org%26only%3Dresets", "Sign in as staff")
		w.fill("name", "arno", "password", "wrong", "code", code(0))
		w.see(`[role="alert"]`)
		w.fill("name", "arno", "password", oldPassword, "code", code(0))
		w.see(".rows")
		test(w)
		for len(complaints) > 0 {
			w.Errorf("the browser reported: %s", <-complaints)
		}
	})
}

// listen collects script errors and violations of the Content-Security-Policy.
func (w walker) listen() chan string {
	w.Helper()
	complaints := make(chan string, 100)
	w.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdplog.Enable, cdp.Empty{})
		return err
	}))
	w.must(chromedp.Listen(w.ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			complaints <- e.ExceptionDetails.Text
		case *cdplog.EventEntryAdded:
			if e.Entry.Level == cdplog.EntryLevelError && !strings.Contains(e.Entry.Text, "422") { // which the login is refused with
				complaints <- e.Entry.Text
			}
		}
	}))
	return complaints
}

// focus returns the id, the name or the URL of the focused element.
func (w walker) focus() string {
	w.Helper()
	return read(w, chromedp.Evaluate[string](`document.activeElement.id || document.activeElement.getAttribute("href") || document.activeElement.tagName`))
}

func (w walker) press(keys, want string) {
	w.Helper()
	w.key(keys)
	if got := w.focus(); got != want {
		w.Fatalf("after %q the focus is at %q, want %q", keys, got, want)
	}
}

// key presses a key like a keyboard: if the page prevents it, nothing is typed.
func (w walker) key(keys string) {
	w.Helper()
	if keys != "/" && keys != "?" {
		w.do(chromedp.KeyEvent(keys))
		return
	}
	w.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: keys, Code: "Slash", Text: keys})
		return err
	}))
}

func TestStaffPagesByKeyboard(t *testing.T) {
	eachDesk(t, true, func(w walker) {
		first, second := "/support/resets/"+w.resets()[0].ID.String(), "/support/resets/"+w.resets()[1].ID.String()
		if got := w.focus(); got != "q" {
			w.Errorf("the focus is at %q, want the search", got)
		}
		if got := read(w, chromedp.Evaluate[string](`String(getSelection())`)); got != "user@example.org" {
			w.Errorf("selected is %q, want the last search, so that the next replaces it", got)
		}
		for _, step := range [][2]string{{kb.ArrowUp, "q"}, {kb.ArrowDown, first}, {kb.ArrowDown, second}, {kb.ArrowDown, second}, {kb.ArrowUp, first}, {kb.ArrowUp, "q"}, {kb.ArrowDown, first}, {"/", "q"}} {
			w.press(step[0], step[1])
		}
		if text := read(w, chromedp.Evaluate[string](`document.querySelector("#q").value`)); text != "user@example.org" {
			w.Errorf("the search box contains %q, want the searched text", text)
		}
		w.wantAucklandsTime()
		w.do(chromedp.KeyEvent(kb.End)) // which ends the selection
		w.key("/")
		if text := read(w, chromedp.Evaluate[string](`document.querySelector("#q").value`)); text != "user@example.org/" {
			w.Errorf("the search box contains %q, want the typed slash at the end", text)
		}
		w.press(kb.ArrowDown, first)
		w.do(chromedp.KeyEvent(kb.Enter))
		w.see(".timeline")
		w.key("/")
		w.see("#q")
		w.do(chromedp.Navigate(w.url + first))
		w.sendALink()
	})
}

// The arrow keys reach the lines of every list that is not folded up, also those that are no rows.
func TestArrowKeysReachEveryList(t *testing.T) {
	eachDesk(t, true, func(w walker) {
		id := w.resets()[0].UserID
		w.member("bea", staff.Agent).act(id, "note", "ticket 4711").Is(http.StatusSeeOther)
		person := "/support/accounts/" + id
		w.visit("/support?q=ticket+4711")
		w.see("main .timeline")
		w.press(kb.ArrowDown, person)
		w.visit(person)
		w.see(".story .timeline")
		w.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); undefined`))
		w.key(kb.ArrowDown)
		if got := w.focus(); !strings.HasPrefix(got, person+"?before=") {
			w.Errorf("the focus is at %q, want the first entry of the timeline", got)
		}
		w.visit("/support/resets/" + w.resets()[0].ID.String())
		w.see(".verdict")
		w.key(kb.ArrowDown)
		if got := read(w, chromedp.Evaluate[string](`document.activeElement.closest(".timeline li")?.className ?? ""`)); got == "" {
			w.Errorf("the focus is at %q, want a line of the timeline", w.focus())
		}
	})
}

// Keys move between the pages, are listed, and can be switched off.
func TestStaffShortcutsAreListedAndCanBeSwitchedOff(t *testing.T) {
	eachDesk(t, true, func(w walker) {
		w.do(chromedp.Evaluate[chromedp.Void](`document.activeElement.blur(); undefined`))
		w.key("?")
		w.see("#keys[open] kbd")
		w.do(chromedp.Click(chromedp.CSS(`#keys button`)))
		w.do(chromedp.KeyEvent("g"))
		if _, err := chromedp.RunResponse(w.ctx, chromedp.KeyEvent("o")); err != nil {
			w.Fatal(err)
		}
		w.at("/support/overview", "Overview")
		w.do(chromedp.Click(chromedp.CSS(`#keys-button`)), chromedp.Click(chromedp.CSS(`#keys-on`)), chromedp.Click(chromedp.CSS(`#keys button`)))
		w.visit("/support?q=user@example.org&only=resets")
		w.press(kb.ArrowDown, "q")
	})
}

// A long address, outcome or reason must not push the other columns out of sight.
func TestListsFitTheScreen(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}).work()
	long := s.user(strings.Repeat("x", 64) + "@" + strings.Repeat("d", 60) + "." + strings.Repeat("d", 60) + ".example.org")
	s.user("user@example.org")
	s.ask(long.Email)
	s.scan(s.ask("user@example.org"))
	s.member("ada", staff.Admin).act(long.ID, "note", "https://example.org/"+strings.Repeat("x", 400))
	w := walker{s, testkit.Browser(t, true)}
	w.visit("/support/login")
	w.fill("name", "ada", "password", oldPassword)
	for _, width := range []int64{320, 1280} {
		w.do(chromedp.EmulateViewport(width, 900))
		for path, list := range map[string]string{"/support?q=example": ".people", "/support/audit": ".rows"} {
			w.visit(path)
			w.see(list)
			if wide := read(w, chromedp.Evaluate[int](`[...document.querySelectorAll(".wide")].filter(e => e.scrollWidth > e.clientWidth).length`)); wide > 0 {
				w.Errorf("%s, %d pixels: %d lists are wider", path, width, wide)
			}
		}
	}
}

// The timeline shows the day above its entries. A copied entry must have it too.
func TestCopiedEntryHasItsDayAndAnID(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)})
	a := s.user("user@example.org")
	id := s.row(func(r *reset.Reset) { r.UserID = a.ID }).ID.String()
	s.browser().login(a.Email, oldPassword).Is(http.StatusSeeOther)
	s.member("vera", staff.Viewer)
	w := walker{s, testkit.Browser(t, true)}
	w.visit("/support/login")
	w.fill("name", "vera", "password", oldPassword)
	w.visit("/support/accounts/" + a.ID)
	w.see(".timeline .asked")
	for entry, want := range map[string]string{".asked": id[:8], "li:not(.asked)": a.ID} {
		copied := read(w, chromedp.Evaluate[string](`getSelection().selectAllChildren(document.querySelector(".timeline `+entry+`")), getSelection().toString()`))
		shown := read(w, chromedp.Evaluate[string](`document.querySelector(".timeline `+entry+` time").textContent`))
		if len(shown) < len("2031-05-06 07:08:09") || !strings.HasPrefix(copied, shown) || !strings.Contains(copied, want) {
			w.Errorf("%q is copied, want it to begin with %q and to contain %q", copied, shown, want)
		}
	}
}

// A click beside the links of a row opens it.
func TestRowOpensWithAClickAnywhere(t *testing.T) {
	eachDesk(t, true, func(w walker) {
		if _, err := chromedp.RunResponse(w.ctx, chromedp.Click(chromedp.CSS(`.rows tbody tr:first-child .ago`))); err != nil {
			w.Fatal(err)
		}
		w.see(".verdict")
	})
}

// wantAucklandsTime checks that a time is shown in the reader's zone, with the time in
// UTC.
func (w walker) wantAucklandsTime() {
	w.Helper()
	shown := read(w, chromedp.Evaluate[string](`document.querySelector(".rows time").textContent`))
	exact := read(w, chromedp.Evaluate[string](`document.querySelector(".rows time").title`))
	if !strings.Contains(shown, "7:08:09 PM") && !strings.Contains(shown, "7:08:09\u202fPM") && !strings.Contains(shown, "19:08:09") || exact != "2031-05-06 07:08:09 UTC" {
		w.Errorf("07:08:09 UTC is shown as %q with %q, want Auckland's 19:08:09 and the time in UTC", shown, exact)
	}
}

// sendALink types a reason and presses Enter. The page of the new link must follow.
func (w walker) sendALink() {
	w.Helper()
	w.see("#send_reason")
	w.clock.Add(time.Minute)
	w.click(`form[action$="/send"] button`)
	w.see(`[role="alert"]`)
	field := chromedp.CSS("#send_reason")
	w.do(chromedp.Focus(field), chromedp.KeyEvent("she called/asked"))
	if _, err := chromedp.RunResponse(w.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		w.Fatal(err)
	}
	w.see(".done")
	w.at("/support/resets/"+w.newestByStaff()+"?done=sent", "user@example.org")
	if got := w.db.Text(w.T, `SELECT reason FROM reset_audit WHERE action = 'send_link' AND refused = ''`); got != "she called/asked" {
		w.Errorf("the recorded reason is %q", got)
	}
	if mails := w.mails(); len(mails) != 2 || mails[1].To[0] != "user@example.org" {
		w.Errorf("%d emails, want a second one to the same address", len(mails))
	}
}

func (w walker) newestByStaff() string {
	w.Helper()
	return w.db.Text(w.T, `SELECT id FROM password_resets WHERE requested_by = 'staff:arno'`)
}

func TestStaffPagesWithoutScripts(t *testing.T) {
	eachDesk(t, false, func(w walker) {
		html := read(w, chromedp.OuterHTML(chromedp.CSS(".rows")))
		if !strings.Contains(html, ">2031-05-06 07:08:09 UTC</time>") {
			w.Errorf("times are not in UTC:\n%s", html)
		}
		asked := w.db.Text(w.T, `SELECT id FROM password_resets WHERE user_id <> '7'`)
		w.fill("q", asked[:8])
		w.see(".read")
		w.click(`.rows tbody a[href="/support/resets/` + asked + `"]`)
		w.see(".timeline")
		w.do(chromedp.Click(chromedp.CSS(`.timeline summary`)), chromedp.WaitVisible(chromedp.CSS(`.timeline details[open] code`)))
		w.visit("/support/overview")
		w.see("svg.chart")
		w.visit("/support/resets/" + asked)
		w.sendALink()
		w.click(`form[action="/support/logout"] button`)
		w.at("/support/login", "Sign in as staff")
	})
}

// On a phone a row is a card. Times and addresses must wrap and not be cut off.
func TestStaffPagesFitAPhone(t *testing.T) {
	eachDesk(t, true, func(w walker) {
		long := w.row(func(r *reset.Reset) { r.Email = "somebody.with.a.rather.long.name@department.of.an.example.org" })
		w.do(chromedp.EmulateViewport(320, 800))
		for _, path := range []string{"/support", "/support/resets/" + long.ID.String()} {
			w.visit(path)
			w.see("time")
			wide := read(w, chromedp.Evaluate[string](`[...document.querySelectorAll("html, .wide")].filter(e => e.scrollWidth > e.clientWidth).map(e => e.tagName + "." + e.className).join(" ")`))
			if wide != "" {
				w.Errorf("%s: wider than the screen: %s", path, wide)
			}
		}
	})
}

func TestDoubleClickOfStaffActsOnce(t *testing.T) {
	eachDesk(t, true, func(w walker) {
		path := "/support/accounts/" + w.resets()[0].UserID
		for _, action := range []staff.Action{staff.Noted, staff.SentLinkTo} {
			w.visit(path)
			w.do(chromedp.SetValue(chromedp.CSS("#reason"), "she called"))
			read(w, chromedp.Evaluate[bool](`(() => {
				const button = document.querySelector('button[value="`+string(action)+`"]');
				button.click();
				setTimeout(() => button.click(), 5); // after the first request has left
				return true;
			})()`))
			w.see(".done")
			if n := w.db.Text(w.T, `SELECT count(*) FROM reset_audit WHERE action = '`+string(action)+`'`); n != "1" {
				w.Errorf("%s: done %s times, want once", action, n)
			}
		}
	})
}
