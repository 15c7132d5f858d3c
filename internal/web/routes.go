package web

import (
	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
)

// Route adds a handler for a path.
type Route func(path string, h func(*gin.Context) error)

// Routes returns how a face shows a page, to GET and HEAD, and how it takes a
// form. No form is without the shield.
func Routes(e *gin.Engine, r *Renderer, limits *limit.Limiter) (show, post Route) {
	show = func(path string, h func(*gin.Context) error) {
		e.GET(path, r.Handle(h))
		e.HEAD(path, r.Handle(h))
	}
	post = func(path string, h func(*gin.Context) error) {
		e.POST(path, r.Handle(func(c *gin.Context) error {
			if err := limits.Shield(Client(c).IP); err != nil {
				return err
			}
			return h(c)
		}))
	}
	return show, post
}
