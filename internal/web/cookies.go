package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
)

// SetCookie sets a cookie that scripts can't read and other sites don't send. It ends with
// the browser if age, in seconds, is 0, and at once if it is negative.
func SetCookie(c *gin.Context, name, value string, https bool, age int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure except on the loopback without https
		Name: CookieName(name, https), Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: https, SameSite: http.SameSiteLaxMode,
	})
}

// KeepsCookies sets a cookie on a page that cookies are needed for. It reports false if
// the browser was on this page just before, and has not kept the cookie of that time.
func KeepsCookies(c *gin.Context, https bool) bool {
	if len(c.Request.CookiesNamed(CookieName(keeps, https))) > 0 {
		return true
	}
	SetCookie(c, keeps, "1", https, 0)
	from, err := url.Parse(c.Request.Referer())
	return err != nil || c.GetHeader("Sec-Fetch-Site") != "same-origin" || from.Path != c.Request.URL.Path
}

// keeps is the name of the cookie. It tells nothing about the visitor.
const keeps = "resetd_cookies"
