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

// ID returns the id of a browser that has signed in to the account, or "".
func (k KnownBrowsers) ID(c *gin.Context, account limit.Account) string {
	return k.Known(k.cookie(c), account)
}

// SignedIn marks the browser.
func (k KnownBrowsers) SignedIn(c *gin.Context, account limit.Account) {
	SetCookie(c, k.Name, k.Remember(k.cookie(c), account), k.HTTPS, int(limit.BrowserLifetime/time.Second))
}

func (k KnownBrowsers) cookie(c *gin.Context) string {
	value, _ := c.Cookie(CookieName(k.Name, k.HTTPS)) // empty without one
	return value
}
