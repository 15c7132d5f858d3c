package support

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"resetd/internal/staff"
	"resetd/internal/web"
)

// sessionReason is the key of a reason that a member typed before the session ended.
const sessionReason = "kept_reason"

// reasonFields are the fields of forms that contain a reason.
var reasonFields = []string{"reason", "send_reason", "revoke_reason"}

// typedReason returns the reason in a posted form; empty if there is none.
func typedReason(c *gin.Context) string {
	if c.Request.Method != http.MethodPost {
		return ""
	}
	form, err := web.Form(c, nil, reasonFields...)
	if err != nil {
		return ""
	}
	for _, field := range reasonFields {
		if reason := form[field]; reason != "" && utf8.RuneCountInString(reason) <= staff.MaxReason {
			return reason
		}
	}
	return ""
}

// signInAgain shows the sign-in page to somebody whose session ended while they typed
// a reason. The reason goes through the form, and nothing is stored before the sign-in.
func (s *support) signInAgain(c *gin.Context, reason string) error {
	next := pageOf(c.Request.URL.EscapedPath())
	view := loginView{Page: s.Renderer.Page(c), Next: web.LocalPath(next), Reason: reason}
	return s.Renderer.HTML(c, http.StatusUnauthorized, "support_login.html", view)
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

// keptReason returns a reason that was typed before the member signed in again, once.
func (s *support) keptReason(v visit) (reason string, kept bool) {
	reason = s.Sessions.PopString(v.ctx(), sessionReason)
	return reason, reason != ""
}
