// Package pages contains the public pages: requesting a link, following it and
// choosing a new password. For built-in accounts it also contains the pages to sign
// up, in and out and to change a password.
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

// Config holds what the pages need. SignIn, Sessions and Known are set for
// built-in accounts and otherwise empty. SignUp is set if anybody may create an account.
type Config struct {
	Resets   *reset.Service
	Renderer *web.Renderer
	SignIn   *users.Authenticator
	Sessions *scs.SessionManager
	SignUp   *users.SignUps
	Limits   *limit.Limiter
	LoginURL string
	Names    bool // a link can be requested by user name
	HTTPS    bool // cookies require https
	Now      func() time.Time

	Known web.KnownBrowsers
}

type pages struct {
	Config
	routes *web.Routes
}

// Mount adds the public routes to an engine.
func Mount(e *gin.Engine, cfg Config) error {
	if cfg.Resets == nil || cfg.Renderer == nil || cfg.Limits == nil || cfg.Now == nil || cfg.LoginURL == "" {
		return errors.New("pages: Resets, Renderer, Limits, Now and LoginURL are required")
	}
	if (cfg.SignIn == nil) != (cfg.Sessions == nil) || (cfg.SignUp != nil && cfg.SignIn == nil) {
		return errors.New("pages: SignIn and Sessions require each other, and SignUp requires both")
	}
	r := web.NewRoutes(e, cfg.Renderer, cfg.Limits)
	p := &pages{cfg, r}
	e.NoRoute(cfg.Renderer.Handle(p.strayLink))
	p.resetRoutes(r)
	if cfg.SignIn != nil {
		p.accountRoutes(r)
	}
	if cfg.SignUp != nil {
		p.signUpRoutes(r)
	}
	return r.Err()
}

func (p *pages) resetRoutes(r *web.Routes) {
	home, change := "/login", "/password-change"
	if p.SignIn == nil {
		home, change = "/password-reset", "/password-reset"
	}
	r.Show("/", redirect(home), limit.Free)
	r.Show("/.well-known/change-password", redirect(change), limit.Free) // W3C, A Well-Known URL for Changing Passwords
	r.Show("/password-reset", p.requestForm(), limit.Free)
	r.Post("/password-reset", p.request, limit.PerIP, limit.PerAddress)
	r.Show("/password-reset/done", p.requestDone(), limit.Free)
	r.Show("/password-reset/confirm/:token", p.followLink, limit.Shielded)
	r.Show("/password-reset/confirm/:token/", p.followLink, limit.Shielded) // a slash that stuck to a copied link
	r.Show("/password-reset/confirm", p.confirmForm, limit.Shielded)
	r.Post("/password-reset/confirm", p.confirm, limit.PerLink)
	r.Show("/password-reset/complete", p.complete, limit.Shielded)
	r.Show("/password-reset/not-me/:token", p.notMeForm, limit.Shielded)
	r.Post("/password-reset/not-me/:token", p.notMe, limit.PerLink)
}

func (p *pages) accountRoutes(r *web.Routes) {
	r.Show("/login", p.loginForm, limit.Free)
	r.Post("/login", p.login, limit.PerSignIn)
	r.Post("/logout", p.logout, limit.Shielded)
	r.Show("/password-change", p.changeForm, limit.SignedIn)
	r.Post("/password-change", p.change, limit.PerSignIn)
	r.Show("/password-change/done", p.changeDone, limit.SignedIn)
}

func (p *pages) signUpRoutes(r *web.Routes) {
	r.Show("/signup", p.signUpForm, limit.Free)
	r.Post("/signup", p.signUp, limit.PerIP, limit.PerAddress)
	r.Show("/signup/done", p.signUpDone, limit.Free)
	r.Show("/signup/confirm/:token", p.signUpConfirmForm, limit.Shielded)
	r.Post("/signup/confirm/:token", p.signUpConfirm, limit.PerLink)
	r.Show("/signup/complete", p.signUpComplete, limit.Free)
}

func redirect(path string) func(*gin.Context) error {
	return func(c *gin.Context) error { return web.SeeOther(c, path) }
}
