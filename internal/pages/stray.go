package pages

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gin-gonic/gin"

	"resetd/internal/reset"
	"resetd/internal/web"
)

// strayLink answers a path without a route. Gateways change links to upper case or double
// their slashes, and characters stick to a copied link: it redirects to the link as it was
// sent. Every other path below /password-reset/ gets the form for a new link, also one that
// was cut off before that. If sign-up is closed, somebody may still follow a link from an
// earlier email.
func (p *pages) strayLink(c *gin.Context) error {
	path, reads := c.Request.URL.Path, c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead
	mended := mend(path)
	for _, links := range []string{"/password-reset/confirm/", "/password-reset/not-me/", "/signup/confirm/"} {
		rest, found := strings.CutPrefix(mended, links)
		if clean := links + reset.Clean(rest); found && reads && clean != path {
			c.Header("Referrer-Policy", "no-referrer")
			return web.SeeOther(c, (&url.URL{Path: clean}).EscapedPath())
		}
	}
	place := slashes.ReplaceAllString(odd.ReplaceAllString(mended, ""), "/")
	if strings.HasPrefix(place+"/", "/password-reset/") || strings.HasPrefix(place, "/password") && strings.HasPrefix("/password-reset", place) {
		return p.invalid(c, http.StatusNotFound, "address")
	}
	if p.SignIn != nil && p.SignUp == nil && strings.HasPrefix(place+"/", "/signup/") {
		return p.signUpDead(c, http.StatusNotFound, "closed")
	}
	if page := strings.TrimRight(place, "/"); reads && (page == "/login" && p.SignIn != nil || page == "/signup" && p.SignUp != nil) {
		return web.SeeOther(c, page) // emails have links to it, too
	}
	return web.ErrNoPage
}

var (
	slashes = regexp.MustCompile(`/(?:\.?/)+`)                                   // doubled, or with a dot between
	odd     = regexp.MustCompile(`=(?:3d|20|0d|0a)|&#?[0-9a-z]+;|[^/\-0-9a-z]+`) // no part of our paths, also escaped for emails and HTML
)

// mend returns a path without what programs do to links: escaping twice, doubling slashes,
// and writing in upper case.
func mend(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	return strings.ToLower(slashes.ReplaceAllString(path, "/"))
}
