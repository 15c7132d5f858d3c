// Package oidc signs people in at a provider of OpenID Connect: the authorization code
// flow with PKCE (RFC 7636), a state and a nonce.
//
//	Start ──► Attempt, kept by the browser ──► the provider asks the person
//	                                            └──► Finish ──► Identity
//
// The provider is looked up at the first sign-in and again after a failure, so its
// outage stops neither the start of the program nor other ways to sign in.
package oidc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	provider "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// The errors of a sign-in. They never contain a code, a token or a claim.
var (
	// ErrUnavailable: the provider can't be reached, or answers nonsense.
	ErrUnavailable = errors.New("the provider of OpenID Connect does not answer as expected")
	// ErrRefused: the answer is not one to this browser's attempt, or not from the
	// provider, or not for this client, or too old.
	ErrRefused = errors.New("the answer of the provider of OpenID Connect is refused")
)

// Config describes the provider and this client.
type Config struct {
	Issuer, ClientID, ClientSecret string
	RoleClaim                      string // a name, or names separated by full stops
	// Roles are the roles of the claim's values, such as the names of groups; nil: the
	// values are the roles.
	Roles map[string]string
}

// Attempt is a begun sign-in. Only the browser that began it may finish it.
type Attempt struct{ State, Nonce, Verifier string }

// Provider is a client of one provider.
type Provider struct {
	cfg      Config
	redirect string
	now      func() time.Time
	client   *http.Client

	mu    sync.Mutex
	found *provider.Provider // nil: not looked up yet
}

// CallbackPath is the path that the provider leads back to.
const CallbackPath = "/support/oidc/callback"

// timeout limits one request to the provider.
const timeout = 5 * time.Second

// New returns a client that the provider leads back to redirect.
func New(cfg Config, redirect string, now func() time.Time) *Provider {
	return &Provider{cfg: cfg, redirect: redirect, now: now, client: &http.Client{Timeout: timeout}}
}

// with returns a context for requests to the provider.
func (p *Provider) with(ctx context.Context) context.Context {
	return provider.ClientContext(ctx, p.client)
}

// discover looks up the endpoints of the provider, once.
func (p *Provider) discover(ctx context.Context) (*provider.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := provider.NewProvider(p.with(ctx), p.cfg.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: discovery: %w", ErrUnavailable, err)
	}
	p.found = found
	return found, nil
}

// Check looks up the provider.
func (p *Provider) Check(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

func (p *Provider) oauth(found *provider.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.redirect,
		Scopes: []string{provider.ScopeOpenID, "profile"},
	}
}

// Start returns a new attempt, and the provider's page that it begins at.
func (p *Provider) Start(ctx context.Context) (a Attempt, url string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return a, "", err
	}
	a = Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return a, p.oauth(found).AuthCodeURL(a.State, provider.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// Finish exchanges the code of an answer, and checks its state, and the signature,
// issuer, audience, expiry and nonce of the ID token.
func (p *Provider) Finish(ctx context.Context, a Attempt, state, code string) (Identity, error) {
	if a.State == "" || !same(a.State, state) {
		return Identity{}, fmt.Errorf("%w: wrong state", ErrRefused)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	token, err := p.oauth(found).Exchange(p.with(ctx), code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return Identity{}, exchangeError(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Identity{}, fmt.Errorf("%w: there is no ID token", ErrUnavailable)
	}
	verified, err := found.Verifier(&provider.Config{ClientID: p.cfg.ClientID, Now: p.now}).Verify(p.with(ctx), raw)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %s", ErrRefused, reason(err))
	}
	return p.identity(verified, a)
}

// exchangeError tells a refused code from an outage.
func exchangeError(err error) error {
	if answer, ok := errors.AsType[*oauth2.RetrieveError](err); ok && answer.Response.StatusCode < http.StatusInternalServerError {
		return fmt.Errorf("%w: the code is refused with %q and status %d", ErrRefused, answer.ErrorCode, answer.Response.StatusCode)
	}
	return fmt.Errorf("%w: token endpoint: %w", ErrUnavailable, err)
}

// reason returns why a token is refused. The texts of the library may contain claims.
func reason(err error) string {
	if _, expired := errors.AsType[*provider.TokenExpiredError](err); expired {
		return "the ID token is too old"
	}
	return "the ID token is not valid"
}
