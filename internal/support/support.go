// Package support contains the staff pages: a search box for people and the record, the
// page of each person with everything that happened, the life of each reset in plain
// words, and what staff can do to help. Every action of a member is recorded before it
// happens.
//
// The files of a page begin with its name: search, account (a person), reset, activity,
// overview, member and members. A file that ends with act has what the page's forms do.
package support

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"resetd/internal/history"
	"resetd/internal/limit"
	"resetd/internal/oidc"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/web"
)

// Accounts finds people.
type Accounts interface {
	// Account returns an account, or reset.ErrNotFound.
	Account(ctx context.Context, id string) (reset.Account, error)
	// FindAccounts returns the accounts with a whole address or name.
	FindAccounts(ctx context.Context, a reset.Address) ([]reset.Account, error)
	// SearchAccounts returns accounts with a part of a name or an address.
	SearchAccounts(ctx context.Context, part string) ([]reset.Account, error)
	// CountAccounts counts the accounts with a part of a name or an address, up to most.
	CountAccounts(ctx context.Context, part string, most int) (int, error)
	// FindEach returns the accounts of each of many addresses.
	FindEach(ctx context.Context, all []reset.Address) ([][]reset.Account, error)
	// Withholds returns why an account may not have a link.
	Withholds(a reset.Account) reset.Withheld
	// Show returns a link that works, and ends one whose account was changed.
	Show(ctx context.Context, id reset.ID) (reset.Link, error)
	// Created returns when an account was created; zero if this is not known.
	Created(ctx context.Context, id string) (time.Time, error)
}

// Sessions are those of people, not of staff.
type Sessions interface {
	// Begun returns when the open sessions of an account began, if each lasts no longer
	// than lifetime, the newest first.
	Begun(ctx context.Context, userID string, lifetime time.Duration) ([]time.Time, error)
}

// Config holds what the pages need. All fields but Builtin, Names and Provider are required.
type Config struct {
	Builtin  bool   // the accounts are resetd's own
	Names    bool   // a link can be requested by user name
	BaseURL  string // where people reach the pages
	History  history.Store
	Staff    *staff.Service
	Accounts Accounts
	Sessions *scs.SessionManager
	People   Sessions
	Renderer *web.Renderer
	Limits   *limit.Limiter
	Cursors  Cursors
	Known    web.KnownBrowsers
	Provider *oidc.Provider // of OpenID Connect; nil: staff sign in by password only
	Now      func() time.Time
}

type support struct {
	Config
	routes    *web.Routes
	finishing *singleflight.Group // sign-ins at the provider
}

// Mount adds the staff's routes to an engine.
func Mount(e *gin.Engine, cfg Config) error {
	if cfg.History == nil || cfg.Staff == nil || cfg.Accounts == nil || cfg.Sessions == nil || cfg.People == nil || cfg.Renderer == nil ||
		cfg.Limits == nil || cfg.Cursors.key == nil || cfg.Now == nil {
		return errors.New("support: all fields of Config are required")
	}
	r := web.NewRoutes(e, cfg.Renderer, cfg.Limits)
	s := &support{cfg, r, &singleflight.Group{}}
	r.Show("/support/login", s.loginForm, limit.Free)
	r.Post("/support/login", s.login, limit.PerSignIn)
	r.Post("/support/logout", s.logout, limit.Shielded)
	r.Show("/support", s.member(s.search), limit.SignedIn)
	r.Show("/support/resets.csv", s.member(s.exportCSV), limit.SignedIn)
	r.Show("/support/resets.json", s.member(s.exportJSON), limit.SignedIn)
	r.Show("/support/resets/:id", s.member(s.reset), limit.SignedIn)
	r.Post("/support/resets/:id/send", s.member(s.send), limit.Shielded)
	r.Post("/support/resets/:id/revoke", s.member(s.revoke), limit.Shielded)
	r.Show("/support/accounts/*user_id", s.member(s.account), limit.SignedIn)
	r.Post("/support/accounts/*user_id", s.member(s.actOnPerson), limit.Shielded)
	r.Show("/support/overview", s.member(s.overview), limit.SignedIn)
	r.Show(membersPath, s.member(s.members), limit.SignedIn)
	r.Post(membersPath, s.member(s.addMember), limit.Shielded)
	r.Show(membersPath+"/:name", s.member(s.memberPage), limit.SignedIn)
	r.Post(membersPath+"/:name", s.member(s.actOnMember), limit.Shielded)
	s.mountJoin(r)
	s.mountOwn(r)
	s.mountOIDC(r)
	r.Show(activityPath, s.member(s.activity), limit.SignedIn)
	r.Show(activityPath+".csv", s.member(s.activityCSV), limit.SignedIn)
	r.Show(activityPath+".json", s.member(s.activityJSON), limit.SignedIn)
	return r.Err()
}

// visit is a request of a staff member.
type visit struct {
	*gin.Context
	member  staff.Member
	shownTo string // the name of the member whom the form was shown to; empty: no form
	form    string // id of the form; empty: no form
	client  reset.Client
	now     time.Time
}

func (v visit) ctx() context.Context { return v.Request.Context() }

// by returns the member as the actor of what they gave this reason for.
func (v visit) by(reason string) staff.Actor {
	return staff.Actor{Member: v.member, Reason: reason, From: v.client, ShownTo: v.shownTo}
}

// once runs an action unless the same form has run it before, with the same contents.
func (s *support) once(v visit, do func(context.Context) error) error {
	if v.form == "" {
		return do(v.ctx())
	}
	return s.Limits.Once(v.ctx(), v.Request.URL.Path+" "+v.Request.PostForm.Encode(), reset.RepeatTime, do)
}

// member allows only staff. It redirects everybody else to the sign-in page, which
// then leads to the requested page.
func (s *support) member(h func(visit) error) func(*gin.Context) error {
	return func(c *gin.Context) error {
		m, err := s.Staff.Member(c.Request.Context(), s.ticket(c))
		// A browser without any cookie was never signed in, so nobody typed a reason in it.
		if reason := web.TypedReason(c); errors.Is(err, reset.ErrSignedOut) && reason != "" && len(c.Request.Cookies()) > 0 {
			return s.signInAgain(c, reason)
		}
		if errors.Is(err, reset.ErrSignedOut) {
			return web.SeeOther(c, loginPath(c))
		}
		if err != nil {
			return err
		}
		form, _ := web.Form(c, nil, "as", "form") // the handler reads the form again, and returns its errors
		v := visit{c, m, form["as"], form["form"], web.Client(c), s.Now().UTC()}
		switch err = h(v); {
		case errors.Is(err, staff.ErrForbidden):
			return s.forbidden(v)
		case errors.Is(err, staff.ErrColleague):
			return s.ofColleague(v)
		default:
			return err
		}
	}
}

// forbidden shows that the member's role is too low. The refusal was recorded before.
func (s *support) forbidden(v visit) error {
	return s.Renderer.HTML(v.Context, http.StatusForbidden, "support_forbidden.html", s.page(v))
}

type colleagueView struct {
	page
	Name  string // of the member whom the form was shown to
	Typed string // a reason
	Start string // the page with the form
}

// ofColleague answers a form that was left open by another member on this computer: the record
// would name the wrong one. The refusal was recorded before.
func (s *support) ofColleague(v visit) error {
	return s.Renderer.HTML(v.Context, http.StatusConflict, "support_colleague.html",
		colleagueView{s.page(v), v.shownTo, web.TypedReason(v.Context), pageOf(v.Request.URL.EscapedPath())})
}

// may records what the member is about to do, or that it was refused.
func (s *support) may(v visit, action staff.Action, target string) error {
	return s.Staff.Authorise(v.ctx(), v.by(""), action, target)
}
