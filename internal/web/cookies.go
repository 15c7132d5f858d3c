package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
)

// KeepsCookies sets a cookie on a page that cookies are needed for. It reports false if
// the browser was on this page just before, and has not kept the cookie of that time.
func KeepsCookies(c *gin.Context, https bool) bool {
	if len(c.Request.CookiesNamed(CookieName(keeps, https))) > 0 {
		return true
	}
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure except on the loopback without https
		Name: CookieName(keeps, https), Value: "1", Path: "/",
		HttpOnly: true, Secure: https, SameSite: http.SameSiteLaxMode,
	})
	from, err := url.Parse(c.Request.Referer())
	return err != nil || c.GetHeader("Sec-Fetch-Site") != "same-origin" || from.Path != c.Request.URL.Path
}

// keeps is the name of the cookie. It tells nothing about the visitor.
const keeps = "resetd_cookies"
