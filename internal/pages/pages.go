// Package pages is the public pages: asking for a link, following it, choosing a
// new password; and, for the accounts that resetd keeps itself, signing up, in
// and out and changing a password.
package pages

import (
	"errors"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"resetd/internal/limit"
	"resetd/internal/reset"
	"resetd/internal/users"
	"resetd/internal/web"
)

// Config is what the pages need. SignIn and Sessions are there where resetd
// keeps the accounts itself; otherwise both are nil. SignUp is there where
// anybody may make an account.
type Config struct {
	Resets   *reset.Service
	Renderer *web.Renderer
	SignIn   *users.Authenticator
	Sessions *scs.SessionManager
	SignUp   *users.SignUps
	Limits   *limit.Limiter
	LoginURL string
	HTTPS    bool // cookies are bound to https
	Now      func() time.Time
}

type pages struct{ Config }

// Mount adds the public routes to an engine.
func Mount(e *gin.Engine, cfg Config) error {
	if cfg.Resets == nil || cfg.Renderer == nil || cfg.Limits == nil || cfg.Now == nil || cfg.LoginURL == "" {
		return errors.New("pages: Resets, Renderer, Limits, Now and LoginURL are required")
	}
	if (cfg.SignIn == nil) != (cfg.Sessions == nil) || (cfg.SignUp != nil && cfg.SignIn == nil) {
		return errors.New("pages: SignIn and Sessions go together, and SignUp with them")
	}
	p := &pages{cfg}
	p.resetRoutes(e)
	if cfg.SignIn != nil {
		p.accountRoutes(e)
	}
	if cfg.SignUp != nil {
		p.signUpRoutes(e)
	}
	return nil
}

func (p *pages) resetRoutes(e *gin.Engine) {
	show, post := web.Routes(e, p.Renderer, p.Limits)
	home, change := "/login", "/password-change"
	if p.SignIn == nil {
		home, change = "/password-reset", "/password-reset"
	}
	show("/", redirect(home))
	show("/.well-known/change-password", redirect(change)) // W3C, A Well-Known URL for Changing Passwords
	show("/password-reset", p.requestForm)
	post("/password-reset", p.request)
	show("/password-reset/done", p.requestDone)
	show("/password-reset/confirm/:token", p.followLink)
	show("/password-reset/confirm", p.confirmForm)
	post("/password-reset/confirm", p.confirm)
	show("/password-reset/complete", p.complete)
	show("/password-reset/not-me/:token", p.notMeForm)
	post("/password-reset/not-me/:token", p.notMe)
}

func (p *pages) accountRoutes(e *gin.Engine) {
	show, post := web.Routes(e, p.Renderer, p.Limits)
	show("/login", p.loginForm)
	post("/login", p.login)
	post("/logout", p.logout)
	show("/password-change", p.changeForm)
	post("/password-change", p.change)
	show("/password-change/done", p.changeDone)
}

func redirect(path string) func(*gin.Context) error {
	return func(c *gin.Context) error { return web.SeeOther(c, path) }
}
