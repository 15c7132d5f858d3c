package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"resetd/internal/words"
)

func newRenderer(t *testing.T, overrides string, site Site) (*Renderer, error) {
	t.Helper()
	files := openTemplates(t, overrides)
	cat, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return NewRenderer(files, cat, site, newAssets(t, files, ""))
}

// overridden returns a renderer with one template replaced by the operator.
func overridden(t *testing.T, name, text string) (*Renderer, error) {
	t.Helper()
	dir := t.TempDir()
	writeFile(t, dir, name, text)
	return newRenderer(t, dir, Site{Name: "Example Site"})
}

func render(r *Renderer, status int, name string, edit func(*Page)) (*httptest.ResponseRecorder, error) {
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
	p := r.Page(c)
	if edit != nil {
		edit(&p)
	}
	return w, r.HTML(c, status, name, p)
}

func TestPageIsHTML(t *testing.T) {
	r, err := newRenderer(t, "", Site{Name: "Example Site"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := render(r, http.StatusTeapot, "password_change_done.html", nil)
	if err != nil || w.Code != http.StatusTeapot || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("got %d %q, %v", w.Code, w.Header().Get("Content-Type"), err)
	}
	if got := strings.ToLower(w.Body.String()); !strings.HasPrefix(got, "<!doctype html>\n<html lang=\"en\">") || !strings.HasSuffix(got, "</html>\n") {
		t.Errorf("got %q", w.Body.String())
	}
}

// The page declares the language of its text, not the one that the browser prefers.
func TestPageDeclaresTheLanguageOfItsText(t *testing.T) {
	r, err := newRenderer(t, "", Site{})
	if err != nil {
		t.Fatal(err)
	}
	for _, accepted := range []string{"", "en-GB", "de, fr;q=0.5", "*", "\x00,;;q="} {
		c, _ := gin.CreateTestContext(httptest.NewRecorder())
		c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
		c.Request.Header.Set("Accept-Language", accepted)
		if p := r.Page(c); p.Lang != "en" {
			t.Errorf("%q: got %q, want en", accepted, p.Lang)
		}
	}
}

func TestFailingTemplateWritesNothing(t *testing.T) {
	r, err := overridden(t, "password_change_done.html", `{{define "title"}}Title{{end}}{{define "main"}}<p>half a page{{.Nothing}}{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"password_change_done.html", "nothing.html", "base.html", "fields.html"} {
		w, err := render(r, http.StatusOK, name, nil)
		if err == nil || w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Errorf("%s: got %q with %v, error %v", name, w.Body.String(), w.Header(), err)
		}
	}
}

func TestUnknownWordIsAnError(t *testing.T) {
	r, err := overridden(t, "password_change_done.html", `{{define "title"}}{{.T "nothing_title"}}{{end}}{{define "main"}}{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := render(r, http.StatusOK, "password_change_done.html", nil); err == nil || w.Body.Len() > 0 {
		t.Errorf("got %q, error %v", w.Body.String(), err)
	}
	p := Page{Words: r.words.In("en")}
	if err := p.Refuse("email", "problem_nothing"); err == nil || len(p.Errors) > 0 {
		t.Errorf("got %v, error %v", p.Errors, err)
	}
}

func TestOverrideReplacesOneTemplate(t *testing.T) {
	r, err := overridden(t, "password_change_done.html", `{{define "title"}}All done{{end}}{{define "main"}}<p id="own">{{.Site.Name}}</p>{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	w, err := render(r, http.StatusOK, "password_change_done.html", nil)
	if err != nil || !strings.Contains(w.Body.String(), `<p id="own">Example Site</p>`) || !strings.Contains(w.Body.String(), "<title>All done – Example Site</title>") {
		t.Errorf("got %q, %v", w.Body.String(), err)
	}
	if w, err := render(r, http.StatusOK, "mailbox.html", nil); err == nil {
		t.Errorf("a page without its view: got %q and no error", w.Body.String())
	}
}

// Whoever writes a page need not know the parts of ours.
func TestOverrideCanBeACompletePage(t *testing.T) {
	r, err := overridden(t, "password_change_done.html", `<!doctype html><title>Mine</title><p>{{.Site.Name}}`)
	if err != nil {
		t.Fatal(err)
	}
	w, err := render(r, http.StatusOK, "password_change_done.html", nil)
	if err != nil || w.Body.String() != "<!doctype html><title>Mine</title><p>Example Site" {
		t.Errorf("got %q, %v", w.Body.String(), err)
	}
	if _, err := overridden(t, "login.html", ""); err == nil {
		t.Error("an empty page: got no error")
	}
}

func TestBrokenTemplateIsAnErrorAtStart(t *testing.T) {
	for text, want := range map[string]string{
		`{{define "title"}}`: "unexpected EOF",
		`{{define "title"}}{{nothing}}{{end}}{{define "main"}}{{end}}`:              `function "nothing" not defined`,
		`{{define "title"}}{{end}}`:                                                 `"main"`,
		`{{define "title"}}{{end}}{{define "main"}}{{template "nothing" .}}{{end}}`: `"nothing"`,
		`{{define "title"}}{{end}}{{define "main"}}<a href="{{end}}`:                "ends in",
	} {
		if _, err := overridden(t, "login.html", text); err == nil || !strings.Contains(err.Error(), "login.html") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want login.html and %q in it", text, err, want)
		}
	}
	if _, err := newRenderer(t, "", Site{Logo: true}); err == nil {
		t.Error("a missing logo: got no error")
	}
}

func TestRefuseCollectsProblems(t *testing.T) {
	r, err := newRenderer(t, "", Site{})
	if err != nil {
		t.Fatal(err)
	}
	p := Page{Words: r.words.In("en")}
	for _, id := range []string{"problem_too_short", "problem_common"} {
		if err := p.Refuse("new_password", id, "Count", 8); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.Problems("new_password"); len(got) != 2 || !strings.Contains(got[0], "8 characters") {
		t.Errorf("got %q", got)
	}
	if got := p.Problems("confirm_password"); got != nil {
		t.Errorf("confirm_password: got %q, want nothing", got)
	}
}

func TestErrorViewWait(t *testing.T) {
	r, err := newRenderer(t, "", Site{})
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[string]string{"": "", "1": "1 second", "59": "59 seconds", "61": "2 minutes", "3600": "1 hour"} {
		got, err := ErrorView{Page: Page{Words: r.words.In("en")}, RetryAfter: after}.Wait()
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v, want %q", after, got, err, want)
		}
	}
	if _, err := (ErrorView{RetryAfter: "soon"}).Wait(); err == nil {
		t.Error("soon: got no error")
	}
}

func TestErrorViewAbout(t *testing.T) {
	for status, want := range map[int]int{404: 404, 503: 503, 410: 400, 418: 400, 422: 400, 502: 500} {
		if got := (ErrorView{Status: status}).About(); got != want {
			t.Errorf("%d: got %d, want %d", status, got, want)
		}
	}
}
