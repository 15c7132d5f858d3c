package pages

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gin-gonic/gin"
	"github.com/pelletier/go-toml/v2"

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

func text(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// has checks the number of elements that a selector finds.
func has(t *testing.T, doc *goquery.Document, selector string, want int) {
	t.Helper()
	if got := doc.Find(selector).Length(); got != want {
		page, _ := doc.Html()
		t.Errorf("%s: found %d times, want %d; the page:\n%s", selector, got, want, page)
	}
}

func TestEveryPageHasItsFrame(t *testing.T) {
	eachSample(t, func(t *testing.T, doc *goquery.Document) {
		has(t, doc, `html[lang="en"]`, 1)
		has(t, doc, `meta[name="robots"][content="noindex"]`, 1)
		has(t, doc, "title", 1)
		has(t, doc, "main", 1)
		has(t, doc, "h1", 1)
		has(t, doc, "header:contains('Example Site')", 1)
		want := text(doc.Find("h1")) + " – Example Site"
		if doc.Find(`[role="alert"]`).Length() > 0 {
			want = "Error: " + want
		}
		if got := doc.Find("title").Text(); got != want {
			t.Errorf("title: got %q, want %q", got, want)
		}
	})
}

// The Content-Security-Policy forbids inline styles and scripts.
func TestPagesObeyTheirContentSecurityPolicy(t *testing.T) {
	eachSample(t, func(t *testing.T, doc *goquery.Document) {
		has(t, doc, "style, [style], iframe, script:not([src])", 0)
		doc.Find("*").Each(func(_ int, s *goquery.Selection) {
			for _, a := range s.Nodes[0].Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s has a handler %s", goquery.NodeName(s), a.Key)
				}
			}
		})
		doc.Find("link[href], script[src], img[src]").Each(func(_ int, s *goquery.Selection) {
			at := s.AttrOr("href", "") + s.AttrOr("src", "")
			if !regexp.MustCompile(`^/static/[a-z]+\.[0-9a-f]{16}\.[a-z]+$`).MatchString(at) {
				t.Errorf("%q is not a static file of ours", at)
			}
		})
	})
}

func TestFieldsHaveLabelsAndValidReferences(t *testing.T) {
	eachSample(t, func(t *testing.T, doc *goquery.Document) {
		ids := map[string]bool{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if ids[id] {
				t.Errorf("id %s occurs twice", id)
			}
			ids[id] = true
		})
		doc.Find(`input:not([type="hidden"]):not([aria-hidden])`).Each(func(_ int, s *goquery.Selection) {
			if text(doc.Find(`label[for="`+s.AttrOr("id", "")+`"]`)) == "" {
				t.Errorf("input %s has no label", s.AttrOr("name", ""))
			}
		})
		for _, attr := range []string{"for", "aria-describedby", "aria-labelledby"} {
			doc.Find("[" + attr + "]").Each(func(_ int, s *goquery.Selection) {
				for id := range strings.FieldsSeq(s.AttrOr(attr, "")) {
					if !ids[id] {
						t.Errorf("%s=%q: there is no such id", attr, id)
					}
				}
			})
		}
		doc.Find(`a[href^="#"]`).Each(func(_ int, s *goquery.Selection) {
			if id := s.AttrOr("href", "#")[1:]; doc.Find(`input[id="`+id+`"]`).Length() != 1 {
				t.Errorf("the link to %s points to no field", id)
			}
		})
	})
}

func TestFormsHaveAButtonAndNoBrowserValidation(t *testing.T) {
	eachSample(t, func(t *testing.T, doc *goquery.Document) {
		doc.Find("form").Each(func(_ int, s *goquery.Selection) {
			if s.AttrOr("method", "") != "post" || text(s.Find(`button[type="submit"]`)) == "" {
				t.Errorf("form %s has method %q and button %q", s.AttrOr("action", ""), s.AttrOr("method", ""), text(s.Find("button")))
			}
			if _, ok := s.Attr("novalidate"); !ok && s.Find("input").Length() > 0 {
				t.Errorf("form %s lacks novalidate", s.AttrOr("action", ""))
			}
		})
	})
}

func TestEmailField(t *testing.T) {
	for _, name := range []string{"request", "login", "invalid, used"} {
		doc := shown(t, name)
		has(t, doc, `form input[name="email"][type="text"][autocomplete="username"][inputmode="email"][spellcheck="false"][autocapitalize="none"]`, 1)
	}
}

func TestPasswordFields(t *testing.T) {
	for name, fields := range map[string]map[string]string{
		"confirm": {"new_password": "new-password", "confirm_password": "new-password"},
		"change":  {"old_password": "current-password", "new_password": "new-password", "confirm_password": "new-password"},
		"login":   {"password": "current-password"},
	} {
		doc := shown(t, name)
		has(t, doc, `input[type="password"]`, len(fields))
		for field, autocomplete := range fields {
			has(t, doc, `input#`+field+`[name="`+field+`"][type="password"][autocomplete="`+autocomplete+`"][spellcheck="false"][autocapitalize="none"]`, 1)
		}
		has(t, doc, `script[src][defer]`, 1)
		has(t, doc, `[data-show="Show"][data-hide="Hide"][data-show-label="Show password"][data-hide-label="Hide password"] input`, len(fields))
	}
}

func TestPagesNeitherPrintNorCutPasswords(t *testing.T) {
	eachSample(t, func(t *testing.T, doc *goquery.Document) {
		has(t, doc, `input[type="password"][value], input[maxlength], input[minlength], input[pattern], [onpaste]`, 0)
	})
}

// The rules are the same sentence on every page where a password is chosen.
func TestPasswordRulesAreShownBeforehand(t *testing.T) {
	confirm, change := shown(t, "confirm"), shown(t, "change")
	rules := text(confirm.Find("#new_password-hint"))
	if !strings.Contains(rules, "8 characters") || rules != text(change.Find("#new_password-hint")) {
		t.Errorf("got %q and %q", rules, text(change.Find("#new_password-hint")))
	}
	has(t, confirm, `#new_password[aria-describedby~="new_password-hint"]`, 1)
}

func TestFormsNameTheAccountForPasswordManagers(t *testing.T) {
	for _, name := range []string{"confirm", "change"} {
		has(t, shown(t, name), `form input[autocomplete="username"][value="user@example.org"][aria-hidden="true"][tabindex="-1"]`, 1)
	}
}

func TestProblemsAreShownAboveAndAtTheField(t *testing.T) {
	for name, counts := range map[string]map[string]int{
		"request again": {"email": 1},
		"request blank": {"email": 1},
		"login again":   {"email": 1},
		"confirm again": {"new_password": 9, "confirm_password": 1},
		"change again":  {"old_password": 1, "new_password": 9, "confirm_password": 1},
	} {
		t.Run(name, func(t *testing.T) {
			doc := shown(t, name)
			has(t, doc, `main > [role="alert"][tabindex="-1"][autofocus]`, 1)
			has(t, doc, "[autofocus]", 1)
			has(t, doc, "[aria-invalid]", len(counts))
			for field, want := range counts {
				links := doc.Find(`[role="alert"] a[href="#` + field + `"]`)
				has(t, doc, `#`+field+`[aria-invalid="true"][aria-describedby~="`+field+`-problem"]`, 1)
				at := doc.Find(`#` + field + `-problem p`)
				if links.Length() != want || at.Length() != want {
					t.Fatalf("%s: %d problems above and %d at the field, want %d", field, links.Length(), at.Length(), want)
				}
				for i := range want {
					if above, below := text(links.Eq(i)), text(at.Eq(i)); below != "Error: "+above {
						t.Errorf("%s: above %q, at the field %q", field, above, below)
					}
				}
			}
		})
	}
}

func TestTypedValuesStay(t *testing.T) {
	for name, want := range map[string]string{"request again": "user@example", "login again": "user@example.org"} {
		if got := shown(t, name).Find("#email").AttrOr("value", ""); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	has(t, shown(t, "login again"), `input[type="hidden"][name="next"][value="/password-change"]`, 1)
	has(t, shown(t, "login"), `input[name="next"]`, 0)
}

// The page of a dead link states the reason, names no account and contains the form
// for a new link.
func TestDeadLinks(t *testing.T) {
	headings := map[string]bool{}
	for name := range samples() {
		if !strings.HasPrefix(name, "invalid, ") {
			continue
		}
		doc := shown(t, name)
		headings[text(doc.Find("h1"))] = true
		has(t, doc, `form[action="/password-reset"] input[name="email"]:not([value*="@"])`, 1)
		if strings.Contains(text(doc.Find("main")), "@") {
			t.Errorf("%s: names an account: %s", name, text(doc.Find("main")))
		}
	}
	if len(headings) != 15 {
		t.Errorf("%d headings for 15 reasons", len(headings))
	}
}

func TestPagesLinkToTheNextStep(t *testing.T) {
	for name, selector := range map[string]string{
		"request":          `form[action="/password-reset"]`,
		"done":             `a[href="/password-reset"]`,
		"confirm":          `form[action="/password-reset/confirm"] input[type="hidden"][name="reset"][value="aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"]`,
		"complete":         `a[href="/login"]`,
		"complete, abroad": `a[href="https://www.example.org/in?a=1&b=2"]`,
		"login":            `a[href="/password-reset"]`,
		"signed in":        `form[action="/logout"] button`,
		"change":           `form[action="/password-change"]`,
		"changed":          `a[href="/login"]`,
		"error 401":        `a[href="/login"]`,
		"error 404":        `a[href="/"]`,
		"mailbox":          `a[href="/dev/mailbox/20260303-130509-1"]`,
		"mail":             `a[href="/dev/mailbox/20260303-130509-1/html"]`,
	} {
		has(t, shown(t, name), selector, 1)
	}
	has(t, shown(t, "signed in"), `a[href="/password-change"]`, 1)
	has(t, shown(t, "mail"), `pre a[href^="https://accounts.example.org/password-reset/confirm/"]`, 1)
}

func TestErrorPagesHaveAdvice(t *testing.T) {
	for name, want := range map[string]string{
		"error 429": "after 14 minutes.",
		"error 503": "after 5 seconds.",
		"error 500": "MZXW6YTBOI3DKMRT",
	} {
		if got := text(shown(t, name).Find("main")); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", name, got, want)
		}
	}
	if got, want := text(shown(t, "error without a name").Find("h1")), text(shown(t, "error 400").Find("h1")); got != want {
		t.Errorf("418: got %q, want %q", got, want)
	}
}

func TestHostileNamesAreEscaped(t *testing.T) {
	for name, s := range samples() {
		doc := s.show(t, newRenderer(t, web.Site{Name: hostile}))
		has(t, doc, "script:not([src])", 0)
		if got := doc.Find("title").Text(); !strings.HasSuffix(got, " – "+hostile) {
			t.Errorf("%s: title: got %q", name, got)
		}
		if got := text(doc.Find("header")); got != hostile {
			t.Errorf("%s: header: got %q", name, got)
		}
	}
	if got := text(shown(t, "confirm, hostile").Find("main strong")); got != hostile {
		t.Errorf("account: got %q", got)
	}
}

// The catalogue must contain exactly the ids that templates and handlers use.
func TestWordsAreCompleteAndUsed(t *testing.T) {
	files, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	r := newRenderer(t, web.Site{Name: "Example Site"})
	for _, s := range samples() { // an unknown id is an error
		s.show(t, r)
	}
	source := sources(t, os.DirFS("../../templates/pages"), "*.html") + sources(t, os.DirFS("../../templates/support"), "*.html")
	for _, folder := range []string{".", "../web", "../words", "../support", "../history"} {
		source += sources(t, os.DirFS(folder), "*.go")
	}
	for _, id := range catalogue(t, files) {
		switch {
		case strings.Contains(source, `"`+id+`"`), strings.HasPrefix(id, "mail_"): // emails are rendered at every start
		case strings.HasPrefix(id, "invalid_"), strings.HasPrefix(id, "signup_"), strings.HasPrefix(id, "error_"), strings.HasPrefix(id, "problem_"):
			// built from a reason, a status or a problem: the samples contain all of them
			if !composed(id) {
				t.Errorf("no page uses %s", id)
			}
		case staffs.MatchString(id): // used on the staff pages, whose test covers all of them
		default:
			t.Errorf("no page uses %s", id)
		}
	}
}

var staffs = regexp.MustCompile(`^(account|action|ago|by|caller_mail|caller_was|denied|do|event|flag_refused|group|happened|in|joined|kind|lock|mailstate|notice|now|outcome|period|reason|refused|rights|role|rule|staff_join|state|status|weak|within|verdict_opened|verdict_refused|verdict_revoked|verdict_withheld|verdict_explained|support_done|support_no_link|support_read|topic|unreadable)_`)

func sources(t *testing.T, files fs.FS, pattern string) string {
	t.Helper()
	names, err := fs.Glob(files, pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", pattern, len(names), err)
	}
	var all strings.Builder
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// catalogue returns the ids in words/en.toml.
func catalogue(t *testing.T, files fs.FS) []string {
	t.Helper()
	text, err := fs.ReadFile(files, "words/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	var ids map[string]any
	if err := toml.Unmarshal(text, &ids); err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(maps.Keys(ids))
}

// composed reports whether an id is built from a reason, a status or a problem.
func composed(id string) bool {
	for _, p := range everything.Problems {
		if id == "problem_"+string(p) {
			return true
		}
	}
	for name := range samples() {
		kind, of, _ := strings.Cut(strings.ReplaceAll(name, ",", ""), " ")
		if id == kind+"_"+of+"_title" || id == kind+"_"+of+"_text" {
			return true
		}
	}
	return false
}
