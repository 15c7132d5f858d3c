package pages

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	"resetd/internal/web"
	"resetd/templates"
)

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

var staffs = regexp.MustCompile(`^(account|action|ago|by|caller_mail|caller_was|do|event|flag_refused|group|happened|in|joined|kind|lock|mailstate|notice|now|outcome|period|reason|refused|rights|role|rule|staff_join|staff_refused|state|status|weak|within|verdict_opened|verdict_refused|verdict_revoked|verdict_withheld|verdict_explained|support_done|support_no_link|support_read|topic|unreadable)_`)

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
