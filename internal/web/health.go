package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
)

// readyTimeout is how long a probe waits for the database.
const readyTimeout = 2 * time.Second

// MountHealth adds /healthz, which answers while the process runs, and /readyz,
// which reports whether the process can work. If a statement of the accounts fails,
// /readyz names it and the reason. words are additional remarks.
func MountHealth(e *gin.Engine, ready func(context.Context) (words string, err error)) {
	ok := func(c *gin.Context) { c.String(http.StatusOK, "ok\n") }
	check := func(c *gin.Context) {
		ctx, cancel := context.WithTimeout(c.Request.Context(), readyTimeout)
		defer cancel()
		words, err := ready(ctx)
		switch {
		case errors.Is(err, reset.ErrAccounts):
			_ = c.Error(err)
			c.String(http.StatusServiceUnavailable, "%s\n", err)
		case err != nil:
			_ = c.Error(err)
			c.String(http.StatusServiceUnavailable, "the database does not answer\n")
		case words != "":
			c.String(http.StatusOK, "ok\n%s\n", words)
		default:
			ok(c)
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Handle(method, "/healthz", ok)
		e.Handle(method, "/readyz", check)
	}
}
