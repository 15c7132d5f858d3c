package pages

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/web"
)

// linkCookieLifetime is how long the cookie of a followed link lives: long enough
// to choose a password, short because the computer may be shared.
const linkCookieLifetime = 10 * time.Minute

// followLink moves the secret from the URL into a cookie, so it is not in the
// address bar, the history or the Referer. Mail scanners follow links too, so
// followLink does not end the link.
func (p *pages) followLink(c *gin.Context) error {
	c.Header("Referrer-Policy", "no-referrer")
	id, err := p.Resets.Verify(c.Param("token"))
	if err != nil {
		return p.deadLink(c, err)
	}
	link, err := p.Resets.Open(c.Request.Context(), id, web.Client(c), reset.Visit{
		Head:      c.Request.Method == http.MethodHead,
		Languages: c.GetHeader("Accept-Language") != "",
		Navigates: c.GetHeader("Sec-Fetch-Mode") == "navigate",
	})
	if err != nil {
		return p.deadLink(c, err)
	}
	lifetime := min(linkCookieLifetime, link.Reset.ExpiresAt.Sub(p.Now()))
	p.setLinkCookie(c, c.Param("token"), max(1, int(lifetime.Seconds())))
	return web.SeeOther(c, "/password-reset/confirm")
}

// linkOf returns the reset whose link this browser followed last.
func (p *pages) linkOf(c *gin.Context) (reset.ID, error) {
	token, err := c.Cookie(p.linkCookie())
	if err != nil {
		return reset.ID{}, reset.ErrNoLink
	}
	return p.Resets.Verify(token)
}

func (p *pages) linkCookie() string { return web.CookieName("resetd_link", p.HTTPS) }

// setLinkCookie stores a link's token for a number of seconds. A negative number
// removes the cookie.
func (p *pages) setLinkCookie(c *gin.Context, token string, seconds int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure except on the loopback without https
		Name: p.linkCookie(), Value: token, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: p.HTTPS, SameSite: http.SameSiteLaxMode,
	})
}

// deadLink shows why a link is dead, with the form for a new one. It never shows
// the account.
func (p *pages) deadLink(c *gin.Context, why error) error {
	reason := reasonOf(why)
	if reason == "" {
		return why
	}
	p.setLinkCookie(c, "", -1)
	return p.invalid(c, web.Status(why), reason)
}

func (p *pages) invalid(c *gin.Context, status int, reason string) error {
	return p.Renderer.HTML(c, status, "password_reset_invalid.html", invalidView{Page: p.Renderer.Page(c), Reason: reason})
}

// reasonOf returns the template's word for a dead link; empty for other errors.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, reset.ErrNoLink):
		return "incomplete"
	case errors.Is(err, reset.ErrUsed):
		return "used"
	case errors.Is(err, reset.ErrExpired):
		return "expired"
	case errors.Is(err, reset.ErrOtherUsed):
		return "other_used"
	case errors.Is(err, reset.ErrRevoked):
		return "revoked"
	default:
		return ""
	}
}
