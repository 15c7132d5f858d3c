package web

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// privateHeaders sets the headers of every answer. Handlers may change them.
func privateHeaders(https bool) gin.HandlerFunc {
	headers := map[string]string{
		"Cache-Control":                "no-store", // neither the back button nor a proxy shows the page again
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
	ready := http.Header{} // set as they are, because every answer has them
	for name, value := range headers {
		ready.Set(name, value)
	}
	return func(c *gin.Context) { maps.Copy(c.Writer.Header(), ready) }
}

// refuseCrossSite allows only our own pages to post. It checks Sec-Fetch-Site and
// Origin. The base URL is our origin even if a proxy rewrites the Host. If our site
// has https, an http:// page of the same host is another site, because anybody in
// the network can forge it.
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

// plain reports whether a page without TLS sent the form.
func plain(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.Header.Get("Origin"), "http://")
}
