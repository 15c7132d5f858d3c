package support

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/oidc"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

const (
	oidcPath = "/support/oidc"
	// oidcCookie begins the name of a cookie; the state of the sign-in is the rest.
	oidcCookie = "resetd_oidc_"
	// oidcTime is how long a person may take at the provider, in seconds.
	oidcTime = 600
	// mostBegun is how many sign-ins a browser keeps, for as many tabs.
	mostBegun = 4
	// longestNext is how long the path of a page may be to be returned to, in bytes.
	longestNext = 500
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
	s.keepBegun(c, begunSignIn{attempt, s.next(c.Query("next"))})
	return web.SeeOther(c, to)
}

// keepBegun stores a sign-in in a cookie of its own: tabs may begin theirs at the same
// time. The oldest ones are removed.
func (s *support) keepBegun(c *gin.Context, b begunSignIn) {
	var states []string // browsers send the oldest cookie first
	for _, cookie := range c.Request.Cookies() {
		if state, ok := strings.CutPrefix(cookie.Name, web.CookieName(oidcCookie, s.Known.HTTPS)); ok {
			states = append(states, state)
		}
	}
	for _, state := range states[:max(0, len(states)-mostBegun+1)] {
		web.SetCookie(c, oidcCookie+state, "", s.Known.HTTPS, -1)
	}
	if len(b.Next) > longestNext {
		b.Next = ""
	}
	kept := strings.Join([]string{b.Nonce, b.Verifier, b.Next}, "\n")
	web.SetCookie(c, oidcCookie+b.State, base64.RawURLEncoding.EncodeToString([]byte(kept)), s.Known.HTTPS, oidcTime)
}

// begun returns the sign-in that this browser began with a state, once.
func (s *support) begun(c *gin.Context, state string) (b begunSignIn, found bool) {
	value, _ := c.Cookie(web.CookieName(oidcCookie+state, s.Known.HTTPS))
	kept, err := base64.RawURLEncoding.DecodeString(value)
	parts := strings.SplitN(string(kept), "\n", 3)
	if err != nil || len(parts) < 3 {
		return begunSignIn{}, false
	}
	web.SetCookie(c, oidcCookie+state, "", s.Known.HTTPS, -1)
	return begunSignIn{oidc.Attempt{State: state, Nonce: parts[0], Verifier: parts[1]}, parts[2]}, true
}

// finishOIDC takes the answer of the provider. Each begun sign-in gets one answer.
func (s *support) finishOIDC(c *gin.Context) error {
	b, found := s.begun(c, c.Query("state"))
	if !found {
		return s.notBegun(c)
	}
	m, err := s.memberBy(c, b.Attempt)
	switch {
	case err != nil:
		return s.oidcFailed(c, err)
	case m.ID == (reset.ID{}): // an earlier answer to this browser has its session
		return web.SeeOther(c, cmp.Or(s.next(b.Next), "/support"))
	}
	_, _, reason := s.typed(c)
	return s.signedIn(c, m, reason, b.Next)
}

// memberBy signs in the member whom the provider has sent back. A browser that loads a page
// before it is needed sends the same answer twice, but its code works once: both get the
// member if they arrive at the same time, and a later one the zero Member.
func (s *support) memberBy(c *gin.Context, a oidc.Attempt) (staff.Member, error) {
	query, client := c.Request.URL.Query(), web.Client(c)
	answer := "of the provider " + query.Encode() + " " + a.Verifier
	done, err, _ := s.finishing.Do(answer, func() (any, error) {
		var m staff.Member
		err := s.Limits.Once(c.Request.Context(), answer, oidcTime*time.Second, func(ctx context.Context) error {
			who, err := s.Provider.Finish(ctx, a, query)
			if err == nil {
				m, err = s.Staff.SignInBy(ctx, staff.Identity(who), client)
			}
			return err
		})
		return m, err
	})
	m, _ := done.(staff.Member)
	return m, err
}

// notBegun answers an answer of the provider to no sign-in of this browser. Whoever has
// signed in with it, and loads it again, stays signed in.
func (s *support) notBegun(c *gin.Context) error {
	switch _, err := s.Staff.Member(c.Request.Context(), s.ticket(c)); {
	case err == nil:
		return web.SeeOther(c, "/support")
	case errors.Is(err, reset.ErrSignedOut):
		return s.oidcFailed(c, fmt.Errorf("%w: this browser has begun no sign-in with its state", oidc.ErrRefused))
	default:
		return err
	}
}

// oidcProblems are the failures of a sign-in that the sign-in page explains.
var oidcProblems = []struct {
	err    error
	status int
	word   string
}{
	{oidc.ErrUnavailable, http.StatusServiceUnavailable, "problem_oidc_unavailable"},
	{oidc.ErrRefused, http.StatusBadRequest, "problem_oidc_refused"},
	{oidc.ErrFaulty, http.StatusInternalServerError, "problem_oidc_faulty"},
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
		if errors.Is(err, oidc.ErrRejected) {
			web.Warn(c)
		}
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
