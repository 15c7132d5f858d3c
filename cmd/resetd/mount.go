package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/alexedwards/scs/v2"

	"resetd/internal/pages"
	"resetd/internal/store"
	"resetd/internal/store/inspect"
	"resetd/internal/users"
	"resetd/internal/web"
)

// mount adds the routes of all front ends.
func (a *app) mount() (err error) {
	cfg := pages.Config{
		Resets: a.resets, Renderer: a.renderer, LoginURL: a.cfg.LoginURL, Names: a.cfg.Names, HTTPS: a.https(), Now: a.now,
	}
	cfg.Limits = a.limits
	a.readiness = &readiness{log: a.log, probe: func(ctx context.Context) (string, error) {
		return inspect.Ready(ctx, a.store.Pool(), a.store.AccountsPool(), a.store.Accounts, a.now())
	}}
	web.MountHealth(a.engine, a.readiness.ready)
	members, err := a.mountSupport(cfg.Limits)
	if err != nil {
		return err
	}
	if a.cfg.Builtin {
		if err := a.enableBuiltinAccounts(&cfg); err != nil {
			return err
		}
	}
	a.handler = a.tracer.Serve(web.Bounded(a.withSessions(cfg.Sessions, members)))
	return pages.Mount(a.engine, cfg)
}

// withSessions loads the sessions of staff for the paths of the support pages, and
// the sessions of users for all other paths. Only users of built-in accounts have
// sessions.
func (a *app) withSessions(users, members *scs.SessionManager) http.Handler {
	public, support := http.Handler(a.engine), web.WithSession(members, a.engine)
	if users != nil {
		public = web.WithSession(users, a.engine)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := public
		if r.URL.Path == "/support" || strings.HasPrefix(r.URL.Path, "/support/") {
			h = support
		}
		h.ServeHTTP(w, r.WithContext(store.TrackSession(r.Context())))
	})
}

func (a *app) https() bool { return a.cfg.BaseURL.Scheme == "https" }

// enableBuiltinAccounts adds the parts for the pages of built-in accounts.
func (a *app) enableBuiltinAccounts(cfg *pages.Config) (err error) {
	keys, err := a.cfg.SigningKeys()
	if err != nil {
		return err
	}
	if cfg.SignIn, err = users.NewAuthenticator(a.store, a.hasher, keys); err != nil {
		return err
	}
	cfg.Known = a.knownBrowsers("resetd_known", keys)
	cfg.Sessions = web.NewSessions("resetd_session", a.sessions, store.SessionCodec{}, a.https(), a.engine)
	if !a.cfg.SignUp {
		return nil
	}
	cfg.SignUp, err = users.NewSignUps(users.SignUpConfig{
		Store: a.store, Intake: a.intake, Keys: keys, Passwords: a.hasher, Policy: a.cfg.Policy, Breaches: a.cfg.Breached, Now: a.now, Wake: a.worker.Wake,
	})
	return err
}
