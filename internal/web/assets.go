package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// ErrNoPage: there is no page at this path.
var ErrNoPage = errors.New("no such page")

// maxLogo is the maximum size of a logo, in bytes. Every visitor's first page loads
// it.
const maxLogo = 256 << 10

// contentTypes are the allowed types of static files, by extension.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".webp": "image/webp",
}

// Assets are the static files. Each file's URL contains a hash of its content, so
// browsers may cache it for ever.
type Assets struct {
	paths map[string]string // by the name in templates
	files map[string]asset  // by path
}

type asset struct {
	kind string
	data []byte
}

// NewAssets reads the folder static of files, and the logo if there is one: an svg,
// png or webp file. It inserts the accent colour at the start of the style sheet.
func NewAssets(files fs.FS, accent Accent, logoFile string) (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]asset{}}
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	for _, e := range entries {
		data, err := fs.ReadFile(files, path.Join("static", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("web: static files: %w", err)
		}
		if e.Name() == "app.css" {
			data = append([]byte(accent.css()), data...)
		}
		if err := a.add(e.Name(), e.Name(), data); err != nil {
			return nil, err
		}
	}
	if logoFile == "" {
		return a, nil
	}
	data, err := ReadLogo(logoFile)
	if err != nil {
		return nil, err
	}
	return a, a.add("logo", "logo"+strings.ToLower(path.Ext(logoFile)), data)
}

// ReadLogo reads an svg, png or webp file of at most maxLogo bytes.
func ReadLogo(name string) ([]byte, error) {
	if !strings.HasPrefix(contentTypes[strings.ToLower(path.Ext(name))], "image/") {
		return nil, fmt.Errorf("the logo %s is not an .svg, .png or .webp file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("logo: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxLogo+1))
	if err != nil {
		return nil, fmt.Errorf("logo: %w", err)
	}
	if len(data) > maxLogo {
		return nil, fmt.Errorf("the logo %s is larger than %d KiB", name, maxLogo>>10)
	}
	return data, nil
}

// add puts "app.css" at "/static/app.0123456789abcdef.css".
func (a *Assets) add(name, file string, data []byte) error {
	ext := path.Ext(file)
	kind, ok := contentTypes[ext]
	if !ok {
		return fmt.Errorf("web: static file %s has an unknown type", file)
	}
	sum := sha256.Sum256(data)
	at := fmt.Sprintf("/static/%s.%s%s", strings.TrimSuffix(file, ext), hex.EncodeToString(sum[:8]), ext)
	a.paths[name], a.files[at] = at, asset{kind, data}
	return nil
}

// path is the template function asset.
func (a *Assets) path(name string) (string, error) {
	p, ok := a.paths[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return p, nil
}

// Serve answers /static/*file.
func (a *Assets) Serve(c *gin.Context) error {
	return a.serve(c, c.Request.URL.Path, "public, max-age=31536000, immutable")
}

// Favicon answers /favicon.ico, which browsers request if a page names no icon.
func (a *Assets) Favicon(c *gin.Context) error {
	return a.serve(c, a.paths["favicon.svg"], "public, max-age=86400")
}

func (a *Assets) serve(c *gin.Context, at, caching string) error {
	file, ok := a.files[at]
	if !ok {
		return ErrNoPage
	}
	c.Header("Cache-Control", caching)
	c.Header("Content-Type", file.kind)
	c.Header("X-Content-Type-Options", "nosniff")
	// An SVG that is opened directly is a page and may contain scripts.
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(file.data))
	return nil
}
