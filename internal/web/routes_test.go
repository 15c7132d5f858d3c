package web_test

import (
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/web"
)

func TestRoutesNeedALimit(t *testing.T) {
	handler := func(*gin.Context) error { return nil }
	for name, c := range map[string]struct {
		add  func(*web.Routes)
		want string
	}{
		"a page without a limit": {func(r *web.Routes) { r.Show("/page", handler) }, "/page declares no limit"},
		"a form without a limit": {func(r *web.Routes) { r.Post("/form", handler) }, "/form declares no limit"},
		"a free form":            {func(r *web.Routes) { r.Post("/form", handler, limit.Free) }, "POST /form: a form needs a limit"},
		"both have one": {func(r *web.Routes) {
			r.Show("/page", handler, limit.Free)
			r.Post("/form", handler, limit.PerIP)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := web.NewRoutes(gin.New(), &web.Renderer{}, nil)
			c.add(r)
			switch err := r.Err(); {
			case c.want == "" && err != nil:
				t.Errorf("got %v, want no error", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}
