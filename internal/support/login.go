package support

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// The keys of the session's values.
const (
	SessionMember = "staff_id"
	sessionState  = "staff_state"
	sessionJoined = "joined" // when a one-time link was used in this browser
	joinedMember  = "joined_id"
	joinedState   = "joined_state"
)

type loginView struct {
	web.Page
	Name   string // as typed
	Next   string
	Reason string // that was typed before the session ended

	Provider string // path of the sign-in at the provider; empty: there is none
}

func (s *support) ticket(c *gin.Context) staff.Ticket {
	ctx := c.Request.Context()
	return staff.Ticket{ID: s.Sessions.GetString(ctx, SessionMember), State: s.Sessions.GetString(ctx, sessionState)}
}

// loginPath returns the path of the sign-in page. Except for a posted form it also
// names the requested page, to return there.
func loginPath(c *gin.Context) string {
	if c.Request.Method == http.MethodPost || c.Request.URL.Path == "/support" && c.Request.URL.RawQuery == "" {
		return "/support/login"
	}
	return "/support/login?next=" + url.QueryEscape(c.Request.URL.RequestURI())
}

func (s *support) loginForm(c *gin.Context) error {
	view := loginView{Page: s.Renderer.Page(c), Next: s.next(c.Query("next"))}
	if path, _, reason := s.typed(c); reason != "" {
		view.Next, view.Reason = path, reason
	}
	view.Provider = s.providerPath(view.Next)
	if !web.KeepsCookies(c, s.Known.HTTPS) {
		if err := view.Refuse("name", "problem_no_cookies"); err != nil {
			return err
		}
	}
	return s.Renderer.HTML(c, http.StatusOK, "support_login.html", view)
}

// next returns the page to go to after signing in, which is no page to sign in.
func (s *support) next(path string) string { return s.routes.Next(path, "/support/login", oidcPath) }

func (s *support) login(c *gin.Context) error {
	form, err := web.Form(c, []string{"name", "password", "code"}, "next", "reason")
	if err != nil {
		return err
	}
	ctx, client := c.Request.Context(), web.Client(c)
	attempt, err := s.chargeSignIn(c, form["name"])
	if web.TooMany(c, err) {
		return s.loginAgain(c, http.StatusTooManyRequests, "problem_staff_locked", form)
	}
	if err != nil {
		return err
	}
	m, err := s.Staff.SignIn(ctx, form["name"], form["password"], form["code"], client, staff.Tries{
		Number: attempt.Number, Total: attempt.Total, Locks: attempt.Locks != "", Source: attempt.Source,
	})
	if errors.Is(err, reset.ErrCredentials) {
		return s.loginAgain(c, http.StatusUnprocessableEntity, "problem_staff_credentials", form)
	}
	if err := errors.Join(err, attempt.Refund(ctx)); err != nil {
		return err
	}
	s.Known.SignedIn(c, limit.Member(form["name"]), m.PasswordHash)
	return s.signedIn(c, m, form["reason"], form["next"])
}

// chargeSignIn charges an attempt to prove the password of a member.
func (s *support) chargeSignIn(c *gin.Context, name string) (limit.Attempt, error) {
	member := limit.Member(name)
	return s.Limits.ChargeSignIn(c.Request.Context(), web.Client(c).IP, s.Known.Browser(c, member), member)
}

// signedIn begins the session of a member, keeps what they had typed before, and leads to
// the page that they came from.
func (s *support) signedIn(c *gin.Context, m staff.Member, reason, next string) error {
	if err := s.begin(c, m); err != nil {
		return err
	}
	s.keepReason(c, m.Name, reason)
	return web.SeeOther(c, cmp.Or(s.next(next), "/support"))
}

func (s *support) loginAgain(c *gin.Context, status int, problem string, form map[string]string) error {
	view := loginView{Page: s.Renderer.Page(c), Name: form["name"], Next: s.next(form["next"]), Reason: form["reason"]}
	view.Provider = s.providerPath(view.Next)
	if err := view.Refuse("name", problem); err != nil {
		return err
	}
	return s.Renderer.HTML(c, status, "support_login.html", view)
}

func (s *support) logout(c *gin.Context) error {
	ctx := c.Request.Context()
	if m, err := s.Staff.Member(ctx, s.ticket(c)); err == nil {
		if err := s.Staff.Authorise(ctx, staff.Actor{Member: m, From: web.Client(c)}, staff.SignedOut, ""); err != nil {
			return err
		}
	}
	if err := s.Sessions.Destroy(ctx); err != nil {
		return err
	}
	return web.SeeOther(c, "/support/login")
}
