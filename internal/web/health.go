package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// MountHealth adds /healthz, which answers while the process runs, and /readyz, which
// answers whether the process can work. ready must return at once: strangers can see
// /readyz, and neither its words nor its time may tell them more.
func MountHealth(e *gin.Engine, ready func() bool) {
	ok := func(c *gin.Context) { c.String(http.StatusOK, "ok\n") }
	check := func(c *gin.Context) {
		if ready() {
			ok(c)
		} else {
			c.String(http.StatusServiceUnavailable, "no\n")
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		e.Handle(method, "/healthz", ok)
		e.Handle(method, "/readyz", check)
	}
}
