package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// privateHeaders sets what every answer carries; handlers may set another value.
func privateHeaders(https bool) gin.HandlerFunc {
	headers := map[string]string{
		"Cache-Control":                "no-store", // neither back button nor proxy shows it again
		"Content-Security-Policy":      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		"Referrer-Policy":              "same-origin",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"X-Robots-Tag":                 "noindex, nofollow",
	}
	if https {
		headers["Strict-Transport-Security"] = "max-age=31536000"
	}
	return func(c *gin.Context) {
		for name, value := range headers {
			c.Header(name, value)
		}
	}
}

// refuseCrossSite lets only our own pages post. Both the browser's word and the
// Origin header are looked at; the base URL counts as ours even behind a proxy
// that rewrites the Host. An http:// page of the same host, which anybody in the
// network can be, is another site where ours is https://.
func refuseCrossSite(cfg EngineConfig) (gin.HandlerFunc, error) {
	var protection http.CrossOriginProtection
	if err := protection.AddTrustedOrigin(cfg.BaseURL.Scheme + "://" + cfg.BaseURL.Host); err != nil {
		return nil, fmt.Errorf("web: base URL: %w", err)
	}
	refuse := cfg.Renderer.Handle(func(*gin.Context) error { return ErrCrossSite })
	return func(c *gin.Context) {
		if protection.Check(c.Request) != nil || cfg.BaseURL.Scheme == "https" && plain(c.Request) {
			refuse(c)
		}
	}, nil
}

// plain says that a form was sent by a page that came without TLS.
func plain(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Origin"), "http://")
}
