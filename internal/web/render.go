package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/words"
)

// Site is what every page shows of the installation.
type Site struct {
	Name string
	Logo bool // there is an asset of this name

	SignsOut bool // a reset ends all sessions of its account
}

// FieldError is one thing wrong with one field, in the reader's words.
type FieldError struct {
	Field string // the field's name in the form, and its id on the page
	Text  string
}

// Page is what every view has in it.
type Page struct {
	words.Words
	Site   Site
	Lang   string // of the words, as a tag (BCP 47)
	Errors []FieldError
}

// Refuse says what is wrong with a field, in the words of an id.
func (p *Page) Refuse(field, id string, pairs ...any) error {
	text, err := p.T(id, pairs...)
	if err != nil {
		return err
	}
	p.Errors = append(p.Errors, FieldError{field, text})
	return nil
}

// Problems is all that is wrong with a field.
func (p Page) Problems(field string) []string {
	var texts []string
	for _, e := range p.Errors {
		if e.Field == field {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// Field is what the template of a password field is called with.
type Field struct {
	Page
	Name, Autocomplete, Label, Hint string
}

// Field describes a field of this page; hint may be empty.
func (p Page) Field(name, autocomplete, label, hint string) Field {
	return Field{p, name, autocomplete, label, hint}
}

// ErrorView is the page of an answer that no other page is for.
type ErrorView struct {
	Page
	Status     int
	RetryAfter string // whole seconds, empty if nobody knows
	Mending    bool   // the accounts' statements fail, which somebody has to repair
	RequestID  string // the id of this request in the log; empty if it has no id
	Start      string // the page to start again from
}

// told are the statuses that error.html has words for.
var told = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed,
	http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// About is the status whose words are said: the answer's, or that of its class.
func (v ErrorView) About() int {
	switch {
	case slices.Contains(told, v.Status):
		return v.Status
	case v.Status < http.StatusInternalServerError:
		return http.StatusBadRequest
	default:
		return http.StatusInternalServerError
	}
}

// Wait says how long to wait before another try, empty if nobody knows.
func (v ErrorView) Wait() (string, error) {
	if v.RetryAfter == "" {
		return "", nil
	}
	seconds, err := strconv.Atoi(v.RetryAfter)
	if err != nil {
		return "", fmt.Errorf("retry after: %w", err)
	}
	if seconds < 60 {
		return v.T("error_seconds", "Count", seconds)
	}
	return v.Duration(time.Duration(seconds) * time.Second)
}

// faces are the folders of pages, each with the file that its pages fill in.
// All share the parts of fields.html.
var faces = map[string]string{"pages": "base.html", "support": "support_base.html"}

const fields = "pages/fields.html"

// Renderer makes pages of views.
type Renderer struct {
	pages map[string]parsed
	words *words.Catalogue
	site  Site
}

// parsed is a page, and the template to begin with.
type parsed struct {
	*template.Template
	base string
}

// NewRenderer parses all pages. It is an error if one of them can't be shown.
func NewRenderer(files fs.FS, cat *words.Catalogue, site Site, assets *Assets) (*Renderer, error) {
	if _, err := assets.path("logo"); site.Logo && err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	r := &Renderer{pages: map[string]parsed{}, words: cat, site: site}
	for folder, base := range faces {
		if err := r.parse(files, folder, base, template.FuncMap{"asset": assets.path}); err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
	}
	return r, nil
}

func (r *Renderer) parse(files fs.FS, folder, base string, funcs template.FuncMap) error {
	begin, err := template.New(base).Funcs(funcs).ParseFS(files, path.Join(folder, base), fields)
	if err != nil {
		return err
	}
	names, err := fs.Glob(files, folder+"/*.html")
	if err != nil {
		return err
	}
	for _, name := range names {
		if path.Base(name) == base || name == fields {
			continue
		}
		page, err := parsePage(begin, files, name, base)
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(name), err)
		}
		r.pages[path.Base(name)] = parsed{page, base}
	}
	return nil
}

// parsePage also runs the page once, without a view: that it then stops early is
// no fault, but a part that is missing or can't be escaped shows only so.
func parsePage(begin *template.Template, files fs.FS, name, base string) (*template.Template, error) {
	t, err := begin.Clone()
	if err != nil {
		return nil, err
	}
	if t, err = t.ParseFS(files, name); err != nil {
		return nil, err
	}
	if broken, ok := errors.AsType[*template.Error](t.ExecuteTemplate(io.Discard, base, nil)); ok {
		return nil, broken
	}
	return t, nil
}

// Page is a page in the first of the reader's languages that there is.
func (r *Renderer) Page(c *gin.Context) Page {
	w := r.words.In(c.GetHeader("Accept-Language"))
	lang, err := w.T("page_language")
	if err != nil {
		lang = "" // "unknown", as HTML says
	}
	return Page{Words: w, Site: r.site, Lang: lang}
}

// HTML answers with a page, whole or not at all.
func (r *Renderer) HTML(c *gin.Context, status int, name string, view any) error {
	t, ok := r.pages[name]
	if !ok {
		return fmt.Errorf("web: no page %s", name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, t.base, view); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	c.Header("Content-Length", strconv.Itoa(b.Len())) // the body can't grow after this
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}
