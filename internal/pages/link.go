package pages

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/web"
)

// linkCookieLifetime is how long a followed link stays in the browser: long
// enough to choose a password, short for a shared computer.
const linkCookieLifetime = 10 * time.Minute

// followLink moves the secret from the address into a cookie, so that it leaves
// the address bar, the history of visited pages and the Referer. It is also
// what mail scanners call, so it ends nothing.
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

// setLinkCookie keeps a link for so many seconds; below zero it forgets it.
func (p *pages) setLinkCookie(c *gin.Context, token string, seconds int) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure wherever there is https; a demo on the loopback has none
		Name: p.linkCookie(), Value: token, Path: "/", MaxAge: seconds,
		HttpOnly: true, Secure: p.HTTPS, SameSite: http.SameSiteLaxMode,
	})
}

// deadLink says what became of a link, with the form for a new one. It never
// says whose link it was.
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

// reasonOf is the word of a dead link in the template; empty for other errors.
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
