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
	"net/url"
	"sync"
	"time"

	provider "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// The errors of a sign-in. They never contain a code, a token or a claim.
var (
	// ErrUnavailable: the provider can't be reached, or answers nonsense.
	ErrUnavailable = errors.New("the provider of OpenID Connect does not answer as expected")
	// ErrRefused: the answer is not one to this browser's attempt, or the provider gave no
	// code, or it refused the code.
	ErrRefused = errors.New("the answer of the provider of OpenID Connect is refused")
	// ErrRejected is an ErrRefused that the visitor may have caused, and that the
	// configuration or the provider may have caused.
	ErrRejected = fmt.Errorf("%w by the provider, or somebody invented it", ErrRefused)
	// ErrFaulty: the provider accepted the code, but its ID token is not valid, or it
	// refused this client. Only the provider or the configuration can be at fault.
	ErrFaulty = errors.New("the answer of the provider of OpenID Connect can't be used")
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

// Issuer returns the issuer whose people can sign in.
func (p *Provider) Issuer() string { return p.cfg.Issuer }

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
func (p *Provider) Start(ctx context.Context) (a Attempt, to string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return a, "", err
	}
	a = Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return a, p.oauth(found).AuthCodeURL(a.State, provider.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), nil
}

// Finish exchanges the code of an answer, and checks its state, and the signature,
// issuer, audience, expiry and nonce of the ID token.
func (p *Provider) Finish(ctx context.Context, a Attempt, answer url.Values) (Identity, error) {
	if a.State == "" || !same(a.State, answer.Get("state")) {
		return Identity{}, fmt.Errorf("%w: wrong state", ErrRefused)
	}
	code := answer.Get("code")
	if code == "" {
		return Identity{}, denial(answer.Get("error"))
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
		return Identity{}, fmt.Errorf("%w: there is no ID token", ErrFaulty)
	}
	verified, err := p.verify(ctx, found, raw)
	if err != nil {
		return Identity{}, err
	}
	return p.identity(verified, a)
}
