package web

import (
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
)

// KnownBrowsers keeps the mark of a browser that has signed in before in a cookie of
// its own. It outlives the session, on purpose: it lets the owner of an account sign
// in while a stranger's failures lock the account.
type KnownBrowsers struct {
	limit.Browsers
	Name  string // of the cookie
	HTTPS bool
}

// Browser returns the browser of a request, if it has signed in to the account before.
func (k KnownBrowsers) Browser(c *gin.Context, account limit.Account) limit.Browser {
	return k.Known(k.cookie(c), account)
}

// SignedIn marks the browser, which has just proved to know the password with this hash.
func (k KnownBrowsers) SignedIn(c *gin.Context, account limit.Account, hash string) {
	SetCookie(c, k.Name, k.Remember(k.cookie(c), account, hash), k.HTTPS, int(limit.BrowserLifetime/time.Second))
}

func (k KnownBrowsers) cookie(c *gin.Context) string {
	value, _ := c.Cookie(CookieName(k.Name, k.HTTPS)) // empty without one
	return value
}
