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
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/words"
)

// Site holds the properties of the installation that every page uses.
type Site struct {
	Name string
	Logo bool // there is an asset "logo"

	SignsOut bool // a reset ends all sessions of its account
	Names    bool // a link can be requested by user name
}

// FieldError is a problem of a field, in the reader's language.
type FieldError struct {
	Field string // the field's name in the form, and its id on the page
	Text  string
}

// Page is the part that all views share.
type Page struct {
	words.Words
	Site   Site
	Lang   string // of the words, as a tag (BCP 47)
	Errors []FieldError
}

// Refuse adds a problem of a field; id is the id of its text.
func (p *Page) Refuse(field, id string, pairs ...any) error {
	text, err := p.T(id, pairs...)
	if err != nil {
		return err
	}
	p.Errors = append(p.Errors, FieldError{field, text})
	return nil
}

// Problems returns all problems of a field.
func (p Page) Problems(field string) []string {
	var texts []string
	for _, e := range p.Errors {
		if e.Field == field {
			texts = append(texts, e.Text)
		}
	}
	return texts
}

// Field is the argument of the template for a password field.
type Field struct {
	Page
	Name, Autocomplete, Label, Hint string
}

// Field describes a field of this page; hint may be empty.
func (p Page) Field(name, autocomplete, label, hint string) Field {
	return Field{p, name, autocomplete, label, hint}
}

// ErrorView is the view of the error page.
type ErrorView struct {
	Page
	Status     int
	RetryAfter string // whole seconds; empty if unknown
	Mending    bool   // the statements of the accounts fail, and an operator has to repair them
	Unchecked  bool   // a new password can't be compared with breached ones
	RequestID  string // the id of this request in the log; empty if it has no id
	Start      string // the page to start again from
	Typed      string // a reason that was typed into the form, which would be lost
}

// describedStatuses are the statuses that error.html has texts for.
var describedStatuses = []int{
	http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestTimeout,
	http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
}

// About returns the status whose text is shown: the status itself or, if there is
// no text for it, the first status of its class.
func (v ErrorView) About() int {
	switch {
	case slices.Contains(describedStatuses, v.Status):
		return v.Status
	case v.Status < http.StatusInternalServerError:
		return http.StatusBadRequest
	default:
		return http.StatusInternalServerError
	}
}

// Wait returns how long to wait before another try, in words; empty if unknown.
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

// frontEnds maps the folders of pages to their base templates. All share the parts
// in fields.html.
var frontEnds = map[string]string{"pages": "base.html", "support": "support_base.html"}

const fields = "pages/fields.html"

// Renderer renders views as pages.
type Renderer struct {
	pages map[string]parsed
	words *words.Catalogue
	site  Site
}

// parsed is the templates of a page, and the name of the one to execute.
type parsed struct {
	*template.Template
	base string
}

// NewRenderer parses all pages. It returns an error if a page can't be rendered.
func NewRenderer(files fs.FS, cat *words.Catalogue, site Site, assets *Assets) (*Renderer, error) {
	if _, err := assets.path("logo"); site.Logo && err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	r := &Renderer{pages: map[string]parsed{}, words: cat, site: site}
	for folder, base := range frontEnds {
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

// parsePage also executes the page once without a view. It ignores that the page
// then stops early: the execution only finds parts that are missing or that can't be
// escaped.
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

// Page returns a page in the first of the reader's languages that is available.
func (r *Renderer) Page(c *gin.Context) Page { return r.pageIn(c.GetHeader("Accept-Language")) }

func (r *Renderer) pageIn(languages string) Page {
	w := r.words.In(languages)
	lang, err := w.T("page_language")
	if err != nil {
		lang = "" // means "unknown" in HTML
	}
	return Page{Words: w, Site: r.site, Lang: lang}
}

// Language returns the tag of the first of the reader's languages that is available.
func (r *Renderer) Language(c *gin.Context) string {
	return r.words.Language(c.GetHeader("Accept-Language"))
}

// Same returns a handler for a page that is the same for everybody. It renders the
// page once for each language.
func (r *Renderer) Same(name string, view func(Page) (any, error)) Handler {
	var rendered sync.Map // the bodies, by language
	return func(c *gin.Context) error {
		language := r.Language(c)
		known, _ := rendered.Load(language)
		body, ok := known.([]byte)
		if !ok {
			v, err := view(r.pageIn(language))
			if err != nil {
				return err
			}
			if body, err = r.render(name, v); err != nil {
				return err
			}
			rendered.Store(language, body)
		}
		answerWith(c, http.StatusOK, body)
		return nil
	}
}

// HTML answers with a page. If rendering fails, it sends nothing of the page.
func (r *Renderer) HTML(c *gin.Context, status int, name string, view any) error {
	body, err := r.render(name, view)
	if err != nil {
		return err
	}
	answerWith(c, status, body)
	return nil
}

func (r *Renderer) render(name string, view any) ([]byte, error) {
	var b bytes.Buffer
	err := r.write(&b, name, view)
	return b.Bytes(), err
}

func (r *Renderer) write(w io.Writer, name string, view any) error {
	t, ok := r.pages[name]
	if !ok {
		return fmt.Errorf("web: no page %s", name)
	}
	if err := t.ExecuteTemplate(w, t.base, view); err != nil {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}

func answerWith(c *gin.Context, status int, body []byte) {
	c.Header("Content-Length", strconv.Itoa(len(body))) // the body can't grow after this
	c.Data(status, "text/html; charset=utf-8", body)
}
