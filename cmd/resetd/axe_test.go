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

func TestPagesForStaffAreAccessible(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, deskCheck("require"), bouncesOn).work()
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
	person := "/support/accounts/" + a.ID
	arno := s.member("arno", staff.Agent)
	arno.post(person, "action", "send_link_to", "reason", "no email at hand", "unverified", "yes").is(http.StatusSeeOther)

	w := walker{s, testkit.Browser(t, true)}
	w.page("staff-login", "/support/login")
	w.fill("name", "arno", "password", "wrong")
	w.axe("staff-login-refused")
	enter := func(name string, role staff.Role) {
		s.member(name, role)
		w.do(chromedp.Navigate(w.url + "/support/login"))
		w.fill("name", name, "password", oldPassword)
	}
	enter("ada", staff.Admin)
	newest := "/support/resets/" + s.resets()[0].ID.String()
	for _, p := range [][2]string{
		{"search", "/support"}, {"results", "/support?q=example&only=resets"}, {"no-results", "/support?q=nobody@example.com"}, {"misread", "/support?q=%00"},
		{"people", "/support?q=example"}, {"person", person}, {"inactive", "/support/accounts/" + off.ID}, {"deleted", "/support/accounts/gone"},
		{"reset", newest}, {"overview", "/support/overview"}, {"overview-90", "/support/overview?days=90"}, {"overview-wrong", "/support/overview?since=2031-05-06&until=2031-05-01"},
		{"activity", "/support/audit"}, {"activity-wrong", "/support/audit?since=lost"}, {"no-page", "/support/nothing"},
	} {
		w.page(p[0], p[1])
	}
	w.visit(person)
	w.click(`button[value="send_link_to"]`)
	w.axe("person-refused")
	w.click(`button[value="mail_code"]`)
	w.axe("person-code")
	w.click(`button[value="type_code"]`)
	w.axe("person-wrong-code")
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#code").value = "` + s.deskCode() + `"; undefined`))
	w.click(`button[value="type_code"]`)
	w.axe("person-verified")
	w.click(`form[action="/support/logout"] button`)
	enter("sven", staff.Sender)
	w.page("sender-search", "/support")
	w.page("sender-person", person)
	w.page("forbidden", "/support/overview")
}
