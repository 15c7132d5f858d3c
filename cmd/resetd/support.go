package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/alexedwards/scs/v2"

	"resetd/internal/limit"
	"resetd/internal/oidc"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/store"
	"resetd/internal/support"
	"resetd/internal/web"
)

// cursorKeyBytes is the length of the key for cursors.
const cursorKeyBytes = 32

// directory implements support.Accounts.
type directory struct {
	*store.Store
	resets  *reset.Service
	builtin bool
}

func (d directory) Withholds(a reset.Account) reset.Withheld { return d.resets.Withholds(a) }

// Show returns a link that works, and ends one whose account was changed.
func (d directory) Show(ctx context.Context, id reset.ID) (reset.Link, error) {
	return d.resets.Show(ctx, id)
}

// Created returns when an account was created; zero if this is not known.
func (d directory) Created(ctx context.Context, id string) (time.Time, error) {
	if !d.builtin {
		return time.Time{}, nil
	}
	u, err := d.User(ctx, id)
	if errors.Is(err, reset.ErrNotFound) {
		err = nil
	}
	return u.CreatedAt, err
}

// knownBrowsers returns the browsers that a cookie makes known.
func (a *app) knownBrowsers(cookie string, keys reset.Keys) web.KnownBrowsers {
	return web.KnownBrowsers{Browsers: limit.NewBrowsers(keys.Derive(limit.BrowserPurpose, sha256.Size), a.now), Name: cookie, HTTPS: a.https()}
}

// countersKey is the secret that hides what the limits count.
func countersKey(keys reset.Keys) []byte { return keys.Derive(limit.Purpose, limit.SecretBytes)[0] }

func (a *app) startStaff() error {
	keys, err := a.cfg.SigningKeys()
	if err != nil {
		return err
	}
	var accounts staff.Accounts
	if a.cfg.Builtin {
		accounts = a.store
	}
	chosen, err := a.memberPasswords(keys)
	if err != nil {
		return err
	}
	a.staff, err = staff.New(staff.Config{
		Accounts: accounts, Store: a.store, Resets: a.resets, Passwords: a.hasher.Own(), New: chosen, Keys: keys, Now: a.now, Site: a.cfg.SiteName, Checks: staff.Checks(a.cfg.DeskCheck),
		SignIns: func(name string) string { return limit.Owner(countersKey(keys), limit.Member(name)) },
	})
	return err
}

// memberPasswords hashes what members choose in resetd's own format, whatever the format of
// the accounts is.
func (a *app) memberPasswords(keys reset.Keys) (*reset.Service, error) {
	cfg := a.cfg.OfStaff()
	return reset.New(reset.Config{Store: a.store, Keys: keys, Passwords: a.hasher.Own(), Policy: cfg.Policy, Breaches: cfg.Breached, Now: a.now, Lifetime: cfg.LinkLifetime})
}

// mountSupport adds the staff pages and returns their session manager.
func (a *app) mountSupport(limits *limit.Limiter) (*scs.SessionManager, error) {
	if err := a.startStaff(); err != nil {
		return nil, err
	}
	keys, err := a.cfg.SigningKeys()
	if err != nil {
		return nil, err
	}
	cursors, err := support.NewCursors(keys.Derive("support cursor", cursorKeyBytes)[0])
	if err != nil {
		return nil, err
	}
	sessions := web.NewSessions("resetd_staff", a.staffSessions, store.SessionCodec{}, a.https(), a.engine)
	var provider *oidc.Provider
	if a.cfg.OIDC != nil {
		provider = oidc.New(*a.cfg.OIDC, a.cfg.BaseURL.String()+oidc.CallbackPath, a.now)
	}
	return sessions, support.Mount(a.engine, support.Config{
		Provider: provider,
		History:  a.store, Staff: a.staff, Accounts: directory{a.store, a.resets, a.cfg.Builtin}, Builtin: a.cfg.Builtin, Names: a.cfg.Names, BaseURL: a.cfg.BaseURL.String(), Sessions: sessions, People: a.sessions, Renderer: a.renderer,
		Limits: limits, Cursors: cursors, Known: a.knownBrowsers("resetd_staff_known", keys), Now: a.now,
	})
}
