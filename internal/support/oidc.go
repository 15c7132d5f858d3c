package support

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/oidc"
	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	oidcPath   = "/support/oidc"
	oidcCookie = "resetd_oidc"
	// oidcTime is how long a person may take at the provider, in seconds.
	oidcTime = 600
)

// begunSignIn is what the browser keeps while its person is at the provider.
type begunSignIn struct {
	oidc.Attempt
	Next string // the page to return to
}

// startOIDC leads the browser to the provider.
func (s *support) startOIDC(c *gin.Context) error {
	if c.Request.Method == http.MethodHead {
		c.Status(http.StatusNoContent) // begins nothing
		return nil
	}
	attempt, to, err := s.Provider.Start(c.Request.Context())
	if err != nil {
		return s.oidcFailed(c, err)
	}
	kept, err := json.Marshal(begunSignIn{attempt, s.next(c.Query("next"))})
	if err != nil {
		return err
	}
	web.SetCookie(c, oidcCookie, base64.RawURLEncoding.EncodeToString(kept), s.Known.HTTPS, oidcTime)
	return web.SeeOther(c, to)
}

// begun returns the sign-in that this browser began; empty if there is none.
func (s *support) begun(c *gin.Context) (b begunSignIn) {
	value, _ := c.Cookie(web.CookieName(oidcCookie, s.Known.HTTPS))
	if kept, err := base64.RawURLEncoding.DecodeString(value); err != nil || json.Unmarshal(kept, &b) != nil {
		return begunSignIn{}
	}
	return b
}

// finishOIDC takes the answer of the provider. Each begun sign-in gets one answer; that of
// another tab, which was begun later, stays.
func (s *support) finishOIDC(c *gin.Context) error {
	b := s.begun(c)
	if b.State == c.Query("state") {
		web.SetCookie(c, oidcCookie, "", s.Known.HTTPS, -1)
	}
	ctx := c.Request.Context()
	found, err := s.Provider.Finish(ctx, b.Attempt, c.Query("state"), c.Query("code"))
	if err != nil {
		return s.oidcFailed(c, err)
	}
	m, err := s.Staff.SignInBy(ctx, staff.Identity(found), web.Client(c))
	if err != nil {
		return s.oidcFailed(c, err)
	}
	_, _, reason := s.typed(c)
	return s.signedIn(c, m, reason, b.Next)
}

// oidcProblems are the failures of a sign-in that the sign-in page explains.
var oidcProblems = []struct {
	err    error
	status int
	word   string
}{
	{oidc.ErrUnavailable, http.StatusServiceUnavailable, "problem_oidc_unavailable"},
	{oidc.ErrRefused, http.StatusBadRequest, "problem_oidc_refused"},
	{staff.ErrNoRole, http.StatusForbidden, "problem_oidc_no_role"},
	{staff.ErrDisabled, http.StatusForbidden, "problem_oidc_disabled"},
}

// oidcFailed shows the sign-in page with the problem. A password still signs in.
func (s *support) oidcFailed(c *gin.Context, err error) error {
	for _, p := range oidcProblems {
		if !errors.Is(err, p.err) {
			continue
		}
		_ = c.Error(err)
		return s.loginAgain(c, p.status, p.word, nil)
	}
	return err
}

// providerPath returns the path that begins a sign-in at the provider and then leads to a
// page; empty if there is no provider.
func (s *support) providerPath(next string) string {
	switch {
	case s.Provider == nil:
		return ""
	case next == "":
		return oidcPath
	default:
		return oidcPath + "?next=" + url.QueryEscape(next)
	}
}

// mountOIDC adds the routes of the provider, if there is one.
func (s *support) mountOIDC(r *web.Routes) {
	if s.Provider == nil {
		return
	}
	r.Show(oidcPath, s.startOIDC, limit.Shielded)
	r.Show(oidc.CallbackPath, s.finishOIDC, limit.Shielded)
}
