package pages

import (
	"regexp"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"resetd/internal/web"
)

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
