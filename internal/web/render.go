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
	"strconv"
	"sync"
	"text/template/parse"

	"github.com/gin-gonic/gin"

	"resetd/internal/words"
)

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
		r.pages[path.Base(name)] = page
	}
	return nil
}

// parsePage also executes the page once without a view. It ignores that the page
// then stops early: the execution only finds parts that are missing or that can't be
// escaped. A file with text and without a definition of "main" is a complete page.
func parsePage(begin *template.Template, files fs.FS, name, base string) (parsed, error) {
	t, err := begin.Clone()
	if err != nil {
		return parsed{}, err
	}
	if t, err = t.ParseFS(files, name); err != nil {
		return parsed{}, err
	}
	if own := path.Base(name); t.Lookup("main") == nil && !parse.IsEmptyTree(t.Lookup(own).Tree.Root) {
		base = own
	}
	if broken, ok := errors.AsType[*template.Error](t.ExecuteTemplate(io.Discard, base, nil)); ok {
		return parsed{}, broken
	}
	return parsed{t, base}, nil
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
