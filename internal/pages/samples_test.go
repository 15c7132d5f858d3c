package pages

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gin-gonic/gin"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/web"
	"resetd/internal/words"
	"resetd/templates"
)

const hostile = `"><script>alert(1)</script>{{.}}`

// everything is a refusal with every problem that has a text.
var everything = &reset.RefusedPassword{WrongCurrent: true, Problems: []password.Problem{
	password.Mismatch, password.Blank, password.TooShort, password.TooLong, password.TooLarge, password.Common, password.Padded, password.Breached, password.Unchanged, password.Resembles,
}}

// sample is a page in one state.
type sample struct {
	template string
	view     func(t *testing.T, page web.Page) any
}

// samples returns all pages in all their states.
func samples() map[string]sample {
	at := time.Date(2026, time.March, 3, 13, 5, 9, 0, time.UTC)
	mail := mailSummary{"20260303-130509-1", "user@example.org", "Reset your password at Example Site", at}
	all := map[string]sample{
		"request": {"password_reset_form.html", func(_ *testing.T, p web.Page) any { return requestView{Page: p} }},
		"request again": {"password_reset_form.html", func(t *testing.T, p web.Page) any {
			return requestView{refuse(t, p, "email", "problem_address"), "user@example"}
		}},
		"request blank": {"password_reset_form.html", func(t *testing.T, p web.Page) any {
			return requestView{refuse(t, p, "email", "problem_address_blank"), ""}
		}},
		"done":             {"password_reset_done.html", func(_ *testing.T, p web.Page) any { return doneView{p, "1 hour"} }},
		"confirm":          {"password_reset_confirm.html", func(_ *testing.T, p web.Page) any { return sampleConfirm(p, "Example User") }},
		"confirm again":    {"password_reset_confirm.html", func(t *testing.T, p web.Page) any { return sampleConfirm(refuseAll(t, p, false), "user@example.org") }},
		"confirm, hostile": {"password_reset_confirm.html", func(_ *testing.T, p web.Page) any { return sampleConfirm(p, hostile) }},
		"complete":         {"password_reset_complete.html", func(_ *testing.T, p web.Page) any { return completeView{p, "/login", true} }},
		"complete, unsure": {"password_reset_complete.html", func(_ *testing.T, p web.Page) any { return completeView{p, "/login", false} }},
		"complete, abroad": {"password_reset_complete.html", func(_ *testing.T, p web.Page) any { return completeView{p, "https://www.example.org/in?a=1&b=2", true} }},
		"not me, request":  {"password_reset_not_me.html", func(_ *testing.T, p web.Page) any { return notMeView{Page: p, Token: "token"} }},
		"not me, change": {"password_reset_not_me.html", func(t *testing.T, p web.Page) any {
			return notMeView{Page: refuse(t, p, "sure", "problem_sure"), Token: "token", Change: true}
		}},
		"not me, done": {"password_reset_not_me.html", func(_ *testing.T, p web.Page) any {
			return notMeView{Page: p, Change: true, Done: true, Rescue: reset.Rescue{Ended: true, Link: true}}
		}},
		"login": {"login.html", func(_ *testing.T, p web.Page) any { return loginView{Page: p} }},
		"login locked": {"login.html", func(t *testing.T, p web.Page) any {
			return loginView{Page: refuse(t, p, "email", "problem_locked"), Email: "user@example.org"}
		}},
		"login again": {"login.html", func(t *testing.T, p web.Page) any {
			return loginView{refuse(t, p, "email", "problem_credentials"), "user@example.org", "/password-change", true}
		}},
		"sign up": {"signup.html", func(_ *testing.T, p web.Page) any { return requestView{Page: p} }},
		"sign up again": {"signup.html", func(t *testing.T, p web.Page) any {
			return requestView{refuse(t, p, "email", "problem_address"), hostile}
		}},
		"sign up, done":    {"signup_done.html", func(_ *testing.T, p web.Page) any { return doneView{p, "1 day"} }},
		"sign up, confirm": {"signup_confirm.html", func(_ *testing.T, p web.Page) any { return signUpConfirmView{p, "token", "user@example.org", "", 8} }},
		"sign up, confirm again": {"signup_confirm.html", func(t *testing.T, p web.Page) any {
			return signUpConfirmView{refuse(t, refuse(t, p, "new_password", "problem_common"), "name", "problem_name"), "token", "user@example.org", hostile, 8}
		}},
		"sign up, complete":   {"signup_complete.html", func(_ *testing.T, p web.Page) any { return completeView{Page: p, LoginURL: "/login"} }},
		"signed in":           {"signed_in.html", func(_ *testing.T, p web.Page) any { return accountView{p, "Example User", "user@example.org"} }},
		"signed in, nameless": {"signed_in.html", func(_ *testing.T, p web.Page) any { return accountView{p, "", "user@example.org"} }},
		"change":              {"password_change_form.html", func(_ *testing.T, p web.Page) any { return changeView{p, "user@example.org", 8} }},
		"change again": {"password_change_form.html", func(t *testing.T, p web.Page) any {
			return changeView{refuseAll(t, p, true), "user@example.org", 8}
		}},
		"changed": {"password_change_done.html", func(_ *testing.T, p web.Page) any { return p }},
		"mailbox": {"mailbox.html", func(_ *testing.T, p web.Page) any {
			return mailboxView{p, []mailSummary{mail, {ID: "2", To: "new@example.org", Subject: hostile}}}
		}},
		"mailbox, empty": {"mailbox.html", func(_ *testing.T, p web.Page) any { return mailboxView{Page: p} }},
		"mail": {"mailbox_mail.html", func(_ *testing.T, p web.Page) any {
			return mailView{p, mail, "accounts@example.org", linkParts(sampleText)}
		}},
		"error without a name": {"error.html", func(_ *testing.T, p web.Page) any {
			return web.ErrorView{Page: p, Status: http.StatusTeapot, Start: "/"}
		}},
	}
	for _, reason := range []string{"used", "expired", "other_used", "revoked", "incomplete", "invalid", "no_cookie", "other_link", "gone", "rescued", "tries", "address", "denied_used", "denied_expired", "just_set"} {
		all["invalid, "+reason] = sample{"password_reset_invalid.html", func(_ *testing.T, p web.Page) any { return invalidView{Page: p, Reason: reason} }}
	}
	for _, reason := range []string{"used", "expired", "incomplete", "exists", "outdated", "gone", "invalid", "closed", "no_cookie"} {
		all["signup, "+reason] = sample{"signup_invalid.html", func(_ *testing.T, p web.Page) any { return invalidView{Page: p, Reason: reason} }}
	}
	all["error, breaches unknown"] = sample{"error.html", func(_ *testing.T, p web.Page) any {
		return web.ErrorView{Page: p, Status: http.StatusServiceUnavailable, Unchecked: true, RetryAfter: "30", Start: "/"}
	}}
	for _, status := range []int{400, 401, 403, 404, 405, 408, 413, 429, 500, 503} {
		all[fmt.Sprint("error ", status)] = sample{"error.html", func(_ *testing.T, p web.Page) any {
			return web.ErrorView{Page: p, Status: status, RetryAfter: map[int]string{429: "840", 503: "5"}[status], RequestID: "MZXW6YTBOI3DKMRT", Start: "/"}
		}}
	}
	return all
}

const sampleText = "Hello Example User,\n\nchoose a new password here:\n\nhttps://accounts.example.org/password-reset/confirm/QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w\n\nThe link works once.\n"

func sampleConfirm(p web.Page, account string) confirmView {
	return confirmView{p, "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee", account, "user@example.org", 8}
}

func refuse(t *testing.T, p web.Page, field, id string) web.Page {
	t.Helper()
	if err := p.Refuse(field, id); err != nil {
		t.Fatal(err)
	}
	return p
}

func refuseAll(t *testing.T, p web.Page, current bool) web.Page {
	t.Helper()
	refused := *everything
	refused.WrongCurrent = current
	if err := web.RefusePassword(&p, password.Policy{}, &refused); err != nil {
		t.Fatal(err)
	}
	return p
}

// newRenderer returns a renderer with the built-in templates.
func newRenderer(t *testing.T, site web.Site) *web.Renderer {
	t.Helper()
	files, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	cat, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets(files, web.Accent{}, "")
	if err != nil {
		t.Fatal(err)
	}
	r, err := web.NewRenderer(files, cat, site, assets)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// show renders a page.
func (s sample) show(t *testing.T, r *web.Renderer) *goquery.Document {
	t.Helper()
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
	if err := r.HTML(c, http.StatusOK, s.template, s.view(t, r.Page(c))); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// eachSample runs a test on every page in every state.
func eachSample(t *testing.T, test func(t *testing.T, doc *goquery.Document)) {
	t.Helper()
	r := newRenderer(t, web.Site{Name: "Example Site"})
	all := samples()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) { test(t, all[name].show(t, r)) })
	}
}

func shown(t *testing.T, name string) *goquery.Document {
	t.Helper()
	s, ok := samples()[name]
	if !ok {
		t.Fatalf("no sample %q", name)
	}
	return s.show(t, newRenderer(t, web.Site{Name: "Example Site"}))
}
