package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

const (
	alivePath = "/healthz"
	readyPath = "/readyz"
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
		e.Handle(method, alivePath, ok)
		e.Handle(method, readyPath, check)
	}
}

// isProbe reports whether a request asks only whether the service works.
func isProbe(c *gin.Context) bool { return c.FullPath() == alivePath || c.FullPath() == readyPath }
