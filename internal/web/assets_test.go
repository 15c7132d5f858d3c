package web

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gin-gonic/gin"

	"resetd/templates"
)

func newAssets(t *testing.T, files fs.FS, logo string) *Assets {
	t.Helper()
	accent, err := ParseAccent("#1d4ed8")
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewAssets(files, accent, logo)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func openTemplates(t *testing.T, overrides string) fs.FS {
	t.Helper()
	files, err := templates.Open(overrides)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func writeFile(t *testing.T, dir, name, text string) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func pathOf(t *testing.T, a *Assets, name string) string {
	t.Helper()
	p, err := a.path(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fetch(method, path string, h func(*gin.Context) error) (*httptest.ResponseRecorder, error) {
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(method, path, nil)
	c.Header("Cache-Control", "no-store")
	return w, h(c)
}

func TestStaticFilesAreCachedForEver(t *testing.T) {
	a := newAssets(t, openTemplates(t, ""), "")
	for name, kind := range map[string]string{
		"app.css":     "text/css; charset=utf-8",
		"password.js": "text/javascript; charset=utf-8",
		"favicon.svg": "image/svg+xml",
	} {
		at := pathOf(t, a, name)
		ext := filepath.Ext(name)
		if !regexp.MustCompile(`^/static/` + strings.TrimSuffix(name, ext) + `\.[0-9a-f]{16}\` + ext + `$`).MatchString(at) {
			t.Errorf("%s is at %s", name, at)
		}
		w, err := fetch(http.MethodGet, at, a.Serve)
		if err != nil || w.Code != http.StatusOK || w.Body.Len() == 0 {
			t.Errorf("%s: got %d and %d bytes, %v", at, w.Code, w.Body.Len(), err)
		}
		for header, want := range map[string]string{
			"Content-Type":            kind,
			"Cache-Control":           "public, max-age=31536000, immutable",
			"X-Content-Type-Options":  "nosniff",
			"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
		} {
			if got := w.Header().Get(header); got != want {
				t.Errorf("%s: %s: got %q, want %q", at, header, got, want)
			}
		}
		if head, err := fetch(http.MethodHead, at, a.Serve); err != nil || head.Code != http.StatusOK || head.Body.Len() != 0 {
			t.Errorf("HEAD %s: got %d and %d bytes, %v", at, head.Code, head.Body.Len(), err)
		}
	}
}

func TestUnknownStaticFilesAreNotFound(t *testing.T) {
	a := newAssets(t, openTemplates(t, ""), "")
	for _, path := range []string{"/static/", "/static/app.css", "/static/app.0123456789abcdef.css", "/static/../words/en.toml", "/static//app.css"} {
		if w, err := fetch(http.MethodGet, path, a.Serve); !errors.Is(err, ErrNoPage) || w.Body.Len() > 0 || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: got %d bytes, error %v, Cache-Control %q", path, w.Body.Len(), err, w.Header().Get("Cache-Control"))
		}
	}
}

func TestFavicon(t *testing.T) {
	a := newAssets(t, openTemplates(t, ""), "")
	w, err := fetch(http.MethodGet, "/favicon.ico", a.Favicon)
	if err != nil || w.Header().Get("Content-Type") != "image/svg+xml" || w.Header().Get("Cache-Control") != "public, max-age=86400" {
		t.Errorf("got %v, %v", w.Header(), err)
	}
}

func TestStyleSheetBeginsWithTheAccent(t *testing.T) {
	a := newAssets(t, openTemplates(t, ""), "")
	w, err := fetch(http.MethodGet, pathOf(t, a, "app.css"), a.Serve)
	if err != nil {
		t.Fatal(err)
	}
	if want := ":root { --accent-on-light: #1d4ed8; --accent-on-dark: #6385e4; }\n"; !strings.HasPrefix(w.Body.String(), want) {
		t.Errorf("got %.80q, want it to begin with %q", w.Body.String(), want)
	}
	for _, m := range regexp.MustCompile(`var\((--[a-z-]+)`).FindAllStringSubmatch(w.Body.String(), -1) {
		if !strings.Contains(w.Body.String(), m[1]+": ") {
			t.Errorf("the style sheet uses %s, which is not defined", m[1])
		}
	}
}

func TestStaticPathDependsOnTheContent(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, "app.css", "body { color: red }")
	shipped, own := newAssets(t, openTemplates(t, ""), ""), newAssets(t, openTemplates(t, dir), "")
	if pathOf(t, shipped, "app.css") == pathOf(t, own, "app.css") {
		t.Errorf("both style sheets have the path %s", pathOf(t, own, "app.css"))
	}
	if pathOf(t, shipped, "password.js") != pathOf(t, own, "password.js") {
		t.Errorf("the path of password.js changed")
	}
	w, err := fetch(http.MethodGet, pathOf(t, own, "app.css"), own.Serve)
	if err != nil || !strings.HasSuffix(w.Body.String(), "body { color: red }") {
		t.Errorf("got %q, %v", w.Body.String(), err)
	}
}

// A logo may contain scripts. They must never run.
func TestLogo(t *testing.T) {
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	for name, kind := range map[string]string{"Our Logo.SVG": "image/svg+xml", "a.png": "image/png", "a.webp": "image/webp"} {
		a := newAssets(t, openTemplates(t, ""), writeFile(t, t.TempDir(), name, svg))
		w, err := fetch(http.MethodGet, pathOf(t, a, "logo"), a.Serve)
		if err != nil || w.Header().Get("Content-Type") != kind || w.Body.String() != svg {
			t.Errorf("%s: got %v, %v", name, w.Header(), err)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != "default-src 'none'; style-src 'unsafe-inline'" {
			t.Errorf("%s: policy %q", name, got)
		}
	}
}

func TestUnsuitableLogoIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ text, want string }{
		"logo.gif":  {"GIF89a", "is not an .svg, .png or .webp file"},
		"logo.css":  {"", "is not an .svg, .png or .webp file"},
		"logo":      {"", "is not an .svg, .png or .webp file"},
		"large.png": {strings.Repeat("x", maxLogo+1), "is larger than 256 KiB"},
	} {
		if _, err := NewAssets(openTemplates(t, ""), Accent{}, writeFile(t, dir, name, c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want %q in it", name, err, c.want)
		}
	}
	if _, err := NewAssets(openTemplates(t, ""), Accent{}, filepath.Join(dir, "nothing.png")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got error %v", err)
	}
	newAssets(t, openTemplates(t, ""), writeFile(t, dir, "just.png", strings.Repeat("x", maxLogo)))
}

func TestStaticFileOfUnknownTypeIsRefused(t *testing.T) {
	files := fstest.MapFS{"static/page.html": {Data: []byte("<p>")}}
	if _, err := NewAssets(files, Accent{}, ""); err == nil {
		t.Error("got no error for page.html")
	}
}
