package pages

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/web"
)

// followLink moves the secret from the URL into a cookie, so it is not in the
// address bar, the history or the Referer. Mail scanners follow links too, so
// followLink does not end the link.
func (p *pages) followLink(c *gin.Context) error {
	c.Header("Referrer-Policy", "no-referrer")
	id, err := p.Resets.Verify(c.Param("token"))
	if err == nil {
		web.AboutReset(c, id)
	}
	if err != nil {
		return p.deadLink(c, err)
	}
	_, err = p.Resets.Open(c.Request.Context(), id, web.Client(c), reset.Fetch{
		Head:      c.Request.Method == http.MethodHead,
		Languages: c.GetHeader("Accept-Language") != "",
		Navigates: c.GetHeader("Sec-Fetch-Mode") == "navigate",
		Unasked:   unasked(c.Request.Header),
	})
	if err != nil {
		return p.deadLink(c, err)
	}
	p.setLinkCookie(c, reset.Clean(c.Param("token")), 0)
	p.forget(c, completeCookie) // perhaps of somebody else, who used this computer before
	return web.SeeOther(c, "/password-reset/confirm")
}

// unasked reports whether a browser or program loads a page that nobody has asked it to
// show: in advance, as a preview, or as a picture, frame or script of another page.
func unasked(h http.Header) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"} {
		if value := strings.ToLower(h.Get(name)); strings.HasPrefix(value, "prefetch") || strings.HasPrefix(value, "preview") {
			return true
		}
	}
	dest := h.Get("Sec-Fetch-Dest")
	return dest != "" && dest != "document"
}

// errNoCookie: the browser came to the form without the cookie of a followed link.
var errNoCookie = errors.New("no cookie of a followed link")

// linkOf returns the reset whose link this browser followed last.
func (p *pages) linkOf(c *gin.Context) (reset.ID, error) {
	token, err := c.Cookie(p.linkCookie())
	if err != nil || token == "" {
		return reset.ID{}, errNoCookie
	}
	return p.Resets.Verify(token)
}

const linkCookie = "resetd_link"

func (p *pages) linkCookie() string { return web.CookieName(linkCookie, p.HTTPS) }

// setLinkCookie stores a link's token until the browser is closed; the server knows
// when the link expires. A negative age removes the cookie.
func (p *pages) setLinkCookie(c *gin.Context, token string, age int) {
	web.SetCookie(c, linkCookie, token, p.HTTPS, age)
}

// forgetLink removes the cookies of a followed and of a used link.
func (p *pages) forgetLink(c *gin.Context) { p.forget(c, linkCookie, completeCookie) }

// forget removes cookies, if the browser has them.
func (p *pages) forget(c *gin.Context, names ...string) {
	for _, name := range names {
		if _, err := c.Cookie(web.CookieName(name, p.HTTPS)); err == nil {
			web.SetCookie(c, name, "", p.HTTPS, -1)
		}
	}
}

// deadLink shows why a link is dead, with the form for a new one. It never shows
// the account.
func (p *pages) deadLink(c *gin.Context, why error) error {
	reason := reasonOf(c, why)
	if reason == "" {
		return why
	}
	status := web.Status(why)
	if errors.Is(why, errNoCookie) {
		status = http.StatusNotFound
	}
	return p.invalid(c, status, reason)
}

func (p *pages) invalid(c *gin.Context, status int, reason string) error {
	view := invalidView{Page: p.Renderer.Page(c), Reason: reason}
	if reason == "used" || reason == "other_used" || reason == "just_set" {
		view.LoginURL = p.LoginURL
	}
	return p.Renderer.HTML(c, status, "password_reset_invalid.html", view)
}

// triedTooOften offers a new link. To wait would be wrong advice: the link may expire
// before its limit ends.
func (p *pages) triedTooOften(c *gin.Context, id reset.ID, err error) error {
	if !web.TooMany(c, err) {
		return err
	}
	if _, dead := p.Resets.Show(c.Request.Context(), id); dead != nil {
		return p.deadLink(c, dead) // many may have tried at once, and one has won
	}
	return p.invalid(c, http.StatusTooManyRequests, "tries")
}

// reasonOf returns the template's word for a dead link; empty for other errors. Only a
// link that is too short is known to be incomplete.
func reasonOf(c *gin.Context, err error) string {
	token := c.Param("token")
	switch {
	case errors.Is(err, errNoCookie):
		return "no_cookie"
	case errors.Is(err, reset.ErrNoLink) && token != "" && reset.Cut(token):
		return "incomplete"
	case errors.Is(err, reset.ErrNoLink):
		return "invalid"
	case errors.Is(err, reset.ErrGone):
		return "gone"
	case errors.Is(err, reset.ErrRescued):
		return "rescued"
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
