package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
)

// Routes adds the routes of a front end to an engine. Each route declares its
// limits; Err returns those that declare none.
type Routes struct {
	engine   *gin.Engine
	renderer *Renderer
	limits   *limit.Limiter
	errs     []error
}

// Handler answers a request or returns an error, which becomes a page.
type Handler func(*gin.Context) error

// NewRoutes takes the engine, and what every route needs.
func NewRoutes(e *gin.Engine, r *Renderer, limits *limit.Limiter) *Routes {
	return &Routes{engine: e, renderer: r, limits: limits}
}

// Show adds a page for GET and HEAD.
func (r *Routes) Show(path string, h Handler, limits ...limit.Name) {
	handle := r.handle(path, h, limits)
	r.engine.GET(path, handle)
	r.engine.HEAD(path, handle)
}

// Post adds the handler of a form.
func (r *Routes) Post(path string, h Handler, limits ...limit.Name) {
	if isOpen(limits) {
		r.errs = append(r.errs, fmt.Errorf("POST %s: a form needs a limit", path))
	}
	r.engine.POST(path, r.handle(path, h, limits))
}

// Next returns the page to go to after signing in, or "" if to is none: it would leave this
// site, it is one of the excluded pages or below it, or it only takes forms. Another
// program may have pages on this site, so a path without a route counts as a page.
func (r *Routes) Next(to string, excluded ...string) string {
	u, err := url.Parse(LocalPath(to))
	if err != nil || u.Path == "" {
		return ""
	}
	place := path.Clean(u.Path) // as browsers read it
	below := func(start string) bool { return place == start || strings.HasPrefix(place, start+"/") }
	if slices.ContainsFunc(excluded, below) || r.onlyPosts(place) {
		return ""
	}
	return to
}

// onlyPosts reports whether a path has routes, and none that shows a page.
func (r *Routes) onlyPosts(place string) bool {
	posts := false
	for _, route := range r.engine.Routes() {
		if same, err := path.Match(parameter.ReplaceAllString(route.Path, "*"), place); err != nil || !same {
			continue
		}
		if route.Method == http.MethodGet {
			return false
		}
		posts = true
	}
	return posts
}

// parameter is a part of a route that stands for any text.
var parameter = regexp.MustCompile(`[:*][a-z_]+`)

// Err returns an error if a route declares no limit.
func (r *Routes) Err() error { return errors.Join(r.errs...) }

// isOpen reports limits that let every request through.
func isOpen(limits []limit.Name) bool {
	return slices.Contains(limits, limit.Free) || slices.Contains(limits, limit.SignedIn)
}

// handle applies the shield to every route that is not open.
func (r *Routes) handle(path string, h Handler, limits []limit.Name) gin.HandlerFunc {
	if len(limits) == 0 {
		r.errs = append(r.errs, fmt.Errorf("%s declares no limit", path))
	}
	open := isOpen(limits)
	return r.renderer.Handle(func(c *gin.Context) error {
		if open {
			return h(c)
		}
		if err := r.limits.Shield(Client(c).IP); err != nil {
			return err
		}
		c.Request = c.Request.WithContext(limit.Declare(c.Request.Context(), limits...))
		return h(c)
	})
}
