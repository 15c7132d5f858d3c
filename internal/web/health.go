package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// readyTimeout is how long a probe waits for the database.
const readyTimeout = 2 * time.Second

// MountHealth adds /healthz, which says that the process answers, and /readyz,
// which says that it can do its work.
func MountHealth(e *gin.Engine, ready func(context.Context) error) {
	ok := func(c *gin.Context) { c.String(http.StatusOK, "ok\n") }
	check := func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), readyTimeout)
		defer cancel()
		if err := ready(ctx); err != nil {
			_ = c.Error(err)
			c.String(http.StatusServiceUnavailable, "the database does not answer\n")
			return
		}
		ok(c)
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Handle(method, "/healthz", ok)
		e.Handle(method, "/readyz", check)
	}
}
