//go:build axe

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

// looks are the appearances in which each page is tested: the colour scheme, and whether
// the system forces its colours.
var looks = map[string][]*emulation.MediaFeature{
	"light":  {{Name: "prefers-color-scheme", Value: "light"}, {Name: "forced-colors", Value: "none"}},
	"dark":   {{Name: "prefers-color-scheme", Value: "dark"}, {Name: "forced-colors", Value: "none"}},
	"forced": {{Name: "prefers-color-scheme", Value: "dark"}, {Name: "forced-colors", Value: "active"}},
}

// violations lists what axe finds: the rule, and the elements.
const violations = `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 200) + " " + n.any.concat(n.all, n.none).map(c => c.message).join("; ")).join(" | "))))`

// axe tests the page that the browser shows in all appearances, and takes a picture of
// each if RESETD_TEST_PICTURES names a folder.
func (w walker) axe(name string) {
	w.Helper()
	script, err := os.ReadFile(os.Getenv("RESETD_TEST_AXE"))
	w.must(err)
	w.do(chromedp.Evaluate[chromedp.Void](string(script) + "; undefined"))
	for _, width := range []int{320, 1280} {
		w.do(chromedp.EmulateViewport(int64(width), 900))
		for look, features := range looks {
			w.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
				_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
				return err
			}))
			var found []string
			w.must(json.Unmarshal([]byte(read(w, chromedp.Evaluate[string](violations, chromedp.EvalAwaitPromise))), &found))
			for _, violation := range found {
				w.Errorf("%s, %d pixels, %s: %s", name, width, look, violation)
			}
			if dir := os.Getenv("RESETD_TEST_PICTURES"); dir != "" {
				w.must(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s.png", name, width, look)), read(w, chromedp.FullScreenshot(100)), 0o600))
			}
		}
		if wide := read(w, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth`)); wide {
			w.Errorf("%s is wider than %d pixels", name, width)
		}
	}
}

// page visits a page and tests it.
func (w walker) page(name, path string) {
	w.Helper()
	w.visit(path)
	w.axe(name)
}

func TestPagesForPeopleAreAccessible(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, signUpOn).work()
	s.user("user@example.org")
	w := walker{s, testkit.Browser(t, true)}
	for name, path := range map[string]string{
		"request": "/password-reset", "done": "/password-reset/done", "dead": "/password-reset/confirm/" + strings.Repeat("a", 52), "login": "/login",
		"signup": "/signup", "nothing": "/nothing-here",
	} {
		w.page(name, path)
	}
	w.page("confirm", s.ask("user@example.org"))
	w.fill("new_password", "otter", "confirm_password", "otters")
	w.axe("confirm-refused")
	w.fill("new_password", newPassword, "confirm_password", newPassword)
	w.axe("complete")
}

// helpDesk is a site with a history, in the browser of nobody yet. Each test has its own,
// because a browser of a test lives for two minutes.
type helpDesk struct {
	walker
	person, inactive string // paths
}

func newDesk(t *testing.T) helpDesk {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, deskCheck("require"), bouncesOn, signUpOn).work()
	a, off := s.user("user@example.org"), s.user("second@example.org")
	s.db.SQL(t, `UPDATE users SET active = 0 WHERE id = '`+off.ID+`'`)
	for i := range 30 {
		s.row(func(r *reset.Reset) {
			r.CreatedAt = r.CreatedAt.AddDate(0, 0, -i%6)
			r.ExpiresAt = r.CreatedAt.Add(time.Hour)
			if i%3 == 0 {
				r.OpenedAt, r.OpenedByIP, r.UsedAt, r.UsedByIP = r.CreatedAt, r.CreatedByIP, r.CreatedAt.Add(time.Minute), r.CreatedByIP
			}
		})
	}
	s.week()
	s.sumUp()
	s.ask("user@example.org")
	mails := s.mails()
	s.bounces(returned(mails[len(mails)-1].From, "failed"))
	d := helpDesk{walker{s, testkit.Browser(t, true)}, "/support/accounts/" + a.ID, "/support/accounts/" + off.ID}
	arno := s.member("arno", staff.Agent)
	arno.Post(d.person, "action", "send_link_to", "reason", "no email at hand", "unverified", "yes").Is(http.StatusSeeOther)
	arno.Post(d.person, "action", "note", "reason", "call them back before anything else").Is(http.StatusSeeOther)
	s.browser().login("user@example.org", oldPassword).Is(http.StatusSeeOther)
	s.browser().signUp("new@example.com")
	return d
}

// enter signs a new member in.
func (d helpDesk) enter(name string, role staff.Role) {
	d.Helper()
	d.member(name, role)
	d.visit("/support/login")
	d.fill("name", name, "password", oldPassword)
}

func (d helpDesk) pages(paths ...string) {
	d.Helper()
	for i := 0; i < len(paths); i += 2 {
		d.page(paths[i], paths[i+1])
	}
}

func TestListsForStaffAreAccessible(t *testing.T) {
	d := newDesk(t)
	d.page("staff-login", "/support/login")
	d.fill("name", "arno", "password", "wrong")
	d.axe("staff-login-refused")
	d.enter("vera", staff.Viewer)
	d.pages("search", "/support", "results", "/support?q=example&only=resets", "no-results", "/support?q=nobody@example.com", "misread", "/support?q=%00", "hour", "/support?since=2031-05-06T07:00&until=2031-05-06T08:00",
		"people", "/support?q=example", "ip", "/support?q=203.0.113.9", "sign-up", "/support?q=new@example.com", "reason", "/support?q=email+at+hand", "nobody", "/support?q=Kim", "similar", "/support?q=usre@example.org", "days", "/support?q=user@example.org&since=2031-05-06", "forbidden", "/support/audit", "no-page", "/support/nothing")
	d.visit("/support")
	d.do(chromedp.Click(chromedp.CSS("#keys-button")))
	d.axe("keys")
}

func TestPagesForAdminsAreAccessible(t *testing.T) {
	d := newDesk(t)
	d.enter("ada", staff.Admin)
	d.pages("overview", "/support/overview", "overview-today", "/support/overview?days=today", "overview-90", "/support/overview?days=90", "overview-wrong", "/support/overview?since=2031-05-06&until=2031-05-01",
		"activity", "/support/audit", "activity-wrong", "/support/audit?since=lost", "members", "/support/members", "member", "/support/members/arno")
	d.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("main [name=as]").value = "vera"; undefined`))
	d.click(`button[value="staff_disable"]`)
	d.axe("colleague")
}

func TestPagesOfPeopleAreAccessible(t *testing.T) {
	d := newDesk(t)
	d.enter("agnes", staff.Agent)
	d.pages("person", d.person, "inactive", d.inactive, "deleted", "/support/accounts/gone", "reset", "/support/resets/"+d.resets()[0].ID.String())
}

func TestHelpForCallersIsAccessible(t *testing.T) {
	d := newDesk(t)
	d.enter("agnes", staff.Agent)
	d.visit(d.person)
	d.click(`button[value="send_link_to"]`)
	d.axe("person-refused")
	d.click(`button[value="mail_code"]`)
	d.axe("person-code")
	d.click(`button[value="type_code"]`)
	d.axe("person-wrong-code")
	d.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#code").value = "` + d.deskCode() + `"; undefined`))
	d.click(`button[value="type_code"]`)
	d.axe("person-verified")
	d.visit("/support")
	d.click(`form[action="/support/logout"] button`)
	d.enter("sven", staff.Sender)
	d.pages("sender-search", "/support", "sender-person", d.person)
}

func TestSignInOfMembersIsAccessible(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, accountLimit("2/1h")).work()
	w := walker{s, testkit.Browser(t, true)}
	path := s.invited(s.member("ada", staff.Admin), "Vera", staff.Viewer)
	w.page("join", path)
	w.fill("new_password", "otter", "confirm_password", "otters", "code", "x")
	w.axe("join-refused")
	w.fill("new_password", oldPassword, "confirm_password", oldPassword, "code", w.shownCode())
	w.axe("joined")
	w.page("join-dead", path)
	s.member("arno", staff.Agent)
	w.visit("/support/login")
	w.fill("name", "arno", "password", oldPassword)
	for name, form := range map[string]string{"own": "", "own-password": "/password", "own-app": "/totp"} {
		w.page(name, "/support/me"+form)
		if form != "" {
			w.click(`main form button[type="submit"]`)
			w.axe(name + "-refused")
		}
	}
	w.visit("/support")
	w.click(`form[action="/support/logout"] button`)
	for range 3 {
		w.fill("name", "vera", "password", "wrong")
	}
	w.says("too many tries")
	w.axe("staff-locked")
}

// says fails unless the page contains a text.
func (w walker) says(text string) {
	w.Helper()
	if got := read(w, chromedp.Text(chromedp.CSS("body"))); !strings.Contains(got, text) {
		w.Fatalf("the page does not say %q:\n%s", text, got)
	}
}

// shownCode returns the code of the secret that the page shows.
func (w walker) shownCode() string {
	w.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(read(w, chromedp.Text(chromedp.CSS("code.totp"))), " ", ""), w.clock.Now())
	w.must(err)
	return code
}

func TestLockedPeopleAreAccessible(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, accountLimit("2/1h")).work()
	w := walker{s, testkit.Browser(t, true)}
	a := s.user("user@example.org")
	w.visit("/login")
	for range 3 {
		w.fill("email", "user@example.org", "password", "wrong")
	}
	w.says("too many tries")
	w.axe("login-locked")
	s.member("arno", staff.Agent)
	w.visit("/support/login")
	w.fill("name", "arno", "password", oldPassword)
	w.visit("/support/accounts/" + a.ID)
	w.see(".timeline .locked")
	w.axe("person-locked")
}
