package support

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"resetd/internal/web"
)

// sessionReason is the key of a reason that a member typed before the session ended.
const sessionReason = "kept_reason"

// typedCookie is the name of a cookie that holds a reason until the member has signed in
// again, and the path of its page.
const typedCookie = "resetd_typed"

// typedTime is how long a typed reason is kept, in seconds.
const typedTime = 600

// mostTyped is how much of a typed text is kept, in bytes: what fits into a cookie. A
// reason of that length is too long anyway.
const mostTyped = 2800

// cut returns as much of a typed text as is kept.
func cut(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), mostTyped)], "")
}

// signInAgain leads somebody to the sign-in page whose session ended while they typed a
// reason. The browser keeps the reason; nothing is stored before the sign-in.
func (s *support) signInAgain(c *gin.Context, reason string) error {
	form, _ := web.Form(c, nil, "as") // TypedReason has read the same form
	kept := strings.Join([]string{pageOf(c.Request.URL.EscapedPath()), form["as"], reason}, "\n")
	s.setTyped(c, base64.RawURLEncoding.EncodeToString([]byte(cut(kept))), typedTime)
	return web.SeeOther(c, loginPath(c))
}

// setTyped sets the cookie; an age below 0 removes it.
func (s *support) setTyped(c *gin.Context, value string, age int) {
	web.SetCookie(c, typedCookie, value, s.Known.HTTPS, age)
}

// typed returns the reason in the cookie, the path of its page, and the name of the member
// whom the form was shown to; empty if there is none.
func (s *support) typed(c *gin.Context) (path, name, reason string) {
	value, _ := c.Cookie(web.CookieName(typedCookie, s.Known.HTTPS))
	text, err := base64.RawURLEncoding.DecodeString(value)
	parts := strings.SplitN(string(text), "\n", 3)
	if err != nil || len(parts) < 3 || !utf8.Valid(text) {
		return "", "", ""
	}
	return web.LocalPath(parts[0]), parts[1], parts[2]
}

// pageOf returns the page with the form that was posted to a path.
func pageOf(path string) string {
	for _, action := range []string{"/send", "/revoke"} {
		if rest, found := strings.CutSuffix(path, action); found && strings.HasPrefix(rest, "/support/resets/") {
			return rest
		}
	}
	return path
}

// keepReason stores a typed reason in the session of a member that has just begun, unless a
// colleague typed it.
func (s *support) keepReason(c *gin.Context, member, reason string) {
	if reason == "" {
		return
	}
	if _, name, _ := s.typed(c); name == "" || name == member {
		s.Sessions.Put(c.Request.Context(), sessionReason, cut(reason))
	}
	s.setTyped(c, "", -1)
}

// typedReason is the reason in the form of a page.
type typedReason struct {
	Reason string
	Kept   bool // it was typed before the member signed in again
}

// keptReason returns a reason that was typed before the member signed in again, once.
func (s *support) keptReason(v visit) typedReason {
	reason := s.Sessions.PopString(v.ctx(), sessionReason)
	return typedReason{reason, reason != ""}
}
