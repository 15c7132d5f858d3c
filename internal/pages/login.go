package pages

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/users"
	"resetd/internal/web"
)

// The keys of the session's values: the id of its account, the account's state,
// and what the page after a change needs.
const (
	SessionUser    = "user_id"
	sessionState   = "account_state"
	sessionChanged = "changed" // when the password was changed in this session
	sessionCreated = "created" // when an account was created in this browser
	createdUser    = "created_user_id"
	createdState   = "created_account_state"
)

// account returns the signed-in account, or reset.ErrSignedOut.
func (p *pages) account(c *gin.Context) (reset.Account, error) {
	return p.kept(c, SessionUser, sessionState)
}

// keep stores an account in the session, and kept returns it. If nobody can sign in to it
// any more with the same password, kept returns reset.ErrSignedOut.
func (p *pages) keep(c *gin.Context, a reset.Account, userKey, stateKey string) {
	ctx, ticket := c.Request.Context(), p.SignIn.Ticket(a)
	p.Sessions.Put(ctx, userKey, ticket.UserID)
	p.Sessions.Put(ctx, stateKey, ticket.State)
}

func (p *pages) kept(c *gin.Context, userKey, stateKey string) (reset.Account, error) {
	ctx := c.Request.Context()
	return p.SignIn.Account(ctx, users.Ticket{
		UserID: p.Sessions.GetString(ctx, userKey), State: p.Sessions.GetString(ctx, stateKey),
	})
}

// begin signs an account in.
func (p *pages) begin(c *gin.Context, a reset.Account) error {
	if err := p.renew(c); err != nil {
		return err
	}
	p.keep(c, a, SessionUser, sessionState)
	return nil
}

// renew ends this browser's session, with what is known of another account, and starts one
// with a new token, so a token that was planted or stolen before is useless.
func (p *pages) renew(c *gin.Context) error {
	ctx := c.Request.Context()
	return errors.Join(p.Sessions.Clear(ctx), p.Sessions.RenewToken(ctx))
}

func (p *pages) loginForm(c *gin.Context) error {
	a, err := p.account(c)
	switch {
	case err == nil:
		return p.Renderer.HTML(c, http.StatusOK, "signed_in.html", accountView{Page: p.Renderer.Page(c), Name: a.Name, Email: a.Email})
	case !errors.Is(err, reset.ErrSignedOut):
		return err
	}
	view := loginView{Page: p.Renderer.Page(c), Next: p.next(c.Query("next")), SignUp: p.SignUp != nil}
	if !web.KeepsCookies(c, p.HTTPS) {
		if err := view.Refuse("email", "problem_no_cookies"); err != nil {
			return err
		}
	}
	return p.Renderer.HTML(c, http.StatusOK, "login.html", view)
}

func (p *pages) login(c *gin.Context) error {
	form, err := web.Form(c, []string{"email", "password"}, "next")
	if err != nil {
		return err
	}
	ctx, next, email := c.Request.Context(), p.next(form["next"]), reset.AddressIn(form["email"])
	attempt, err := p.chargeSignIn(c, email)
	if web.TooMany(c, err) {
		return p.loginAgain(c, http.StatusTooManyRequests, "problem_locked", form["email"], next)
	}
	if err != nil {
		return err
	}
	a, err := p.signIn(c, attempt, email, form["password"])
	if errors.Is(err, reset.ErrCredentials) {
		if err := p.failed(c, a, reset.EventSignInFailed, attempt); err != nil {
			return err
		}
		if web.TooMany(c, attempt.Reached()) {
			return p.loginAgain(c, http.StatusTooManyRequests, "problem_locked", form["email"], next)
		}
		return p.loginAgain(c, http.StatusUnprocessableEntity, "problem_credentials", form["email"], next)
	}
	if err := errors.Join(err, attempt.Refund(ctx)); err != nil {
		return err
	}
	if err := p.Resets.Record(ctx, attempt.Source, p.event(c, a, reset.EventSignedIn, "")); err != nil {
		return err
	}
	if err := p.begin(c, a); err != nil {
		return err
	}
	p.know(c, a)
	p.forgetLink(c)
	if next == "" {
		next = "/login"
	}
	return web.SeeOther(c, next)
}

// chargeSignIn charges an attempt to prove the password of the account with this address.
// An account has its own count: one that is written alike may be somebody else's. All ways
// of writing an address count together too, because each may find the only account.
func (p *pages) chargeSignIn(c *gin.Context, email string) (limit.Attempt, error) {
	normal := reset.Normal(email)
	return p.Limits.ChargeSignIn(c.Request.Context(), web.Client(c).IP, p.Known.Browser(c, limit.User(normal)),
		limit.Users(normal, reset.Canonical(email))...)
}

// signIn returns the account with this address and password. If the charged attempt refuses
// it, its password counts as wrong: the answer must not depend on which accounts exist.
func (p *pages) signIn(c *gin.Context, attempt limit.Attempt, email, plain string) (reset.Account, error) {
	a, alone, err := p.SignIn.SignIn(c.Request.Context(), email, plain)
	if err == nil && attempt.Refuses(alone) {
		err = reset.ErrCredentials
	}
	return a, err
}

// know marks this browser: it has just proved to know the account's password.
func (p *pages) know(c *gin.Context, a reset.Account) {
	p.Known.SignedIn(c, limit.User(reset.Normal(a.Email)), a.PasswordHash)
}

// next returns the page to go to after signing in: not this one again, and none of the staff,
// who sign in elsewhere.
func (p *pages) next(path string) string { return p.routes.Next(path, "/login", "/support") }

func (p *pages) loginAgain(c *gin.Context, status int, problem, typed, next string) error {
	view := loginView{Page: p.Renderer.Page(c), Email: typed, Next: next, SignUp: p.SignUp != nil}
	if err := view.Refuse("email", problem); err != nil {
		return err
	}
	return p.Renderer.HTML(c, status, "login.html", view)
}

func (p *pages) logout(c *gin.Context) error {
	a, signedOut := p.account(c)
	if err := p.signOut(c); err != nil {
		return err
	}
	p.forgetLink(c)
	if signedOut == nil {
		if err := p.Resets.Record(c.Request.Context(), "", p.event(c, a, reset.EventSignedOut, "")); err != nil {
			return err
		}
	}
	return web.SeeOther(c, "/login")
}

// signOut ends this browser's session, on the server too.
func (p *pages) signOut(c *gin.Context) error {
	if p.Sessions == nil {
		return nil
	}
	return p.Sessions.Destroy(c.Request.Context())
}
