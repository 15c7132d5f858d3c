package oidc_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"resetd/internal/oidc"
	"resetd/internal/testkit/idp"
)

const redirect = "https://resetd.example.org" + oidc.CallbackPath

var now = time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)

func start(t *testing.T) (*idp.Provider, *oidc.Provider) {
	t.Helper()
	p := idp.Start(t, func() time.Time { return now })
	p.Change(func(p *idp.Provider) { p.Redirect = redirect })
	return p, client(p, "roles")
}

func client(p *idp.Provider, claim string) *oidc.Provider {
	return oidc.New(oidc.Config{Issuer: p.URL, ClientID: idp.ClientID, ClientSecret: idp.ClientSecret, RoleClaim: claim}, redirect, func() time.Time { return now })
}

// visit goes to the provider like a browser, and returns the answer.
func visit(t *testing.T, to string) url.Values {
	t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("the provider answers %s", res.Status)
	}
	return back.Query()
}

// signIn runs a whole sign-in. change may change what the browser brings back.
func signIn(t *testing.T, c *oidc.Provider, change func(*oidc.Attempt, url.Values)) (oidc.Identity, error) {
	t.Helper()
	attempt, to, err := c.Start(t.Context())
	if err != nil {
		return oidc.Identity{}, err
	}
	answer := visit(t, to)
	if change != nil {
		change(&attempt, answer)
	}
	return c.Finish(t.Context(), attempt, answer)
}

// A provider publishes a key before it uses it. Here it uses it at once, and go-oidc, which
// may not have finished its last look at the keys, may take the old ones for the newest. So
// the sign-in is repeated.
func TestSignInReturnsWhoItIs(t *testing.T) {
	p, c := start(t)
	p.Change(func(p *idp.Provider) {
		p.Claims = map[string]any{"preferred_username": "ada", "roles": []string{"staff", "admin"}}
	})
	for _, change := range []func(*idp.Provider){func(*idp.Provider) {}, func(p *idp.Provider) { p.ES256("second") }, func(p *idp.Provider) { p.RS256("third") }} { // keys are rotated
		p.Change(change)
		got, err := signIn(t, c, nil)
		for start := time.Now(); err != nil && time.Since(start) < time.Minute; time.Sleep(5 * time.Millisecond) {
			got, err = signIn(t, c, nil)
		}
		if err != nil || got.Issuer != p.URL || got.Subject != "subject-1" || got.Name != "ada" || !slices.Equal(got.Roles, []string{"staff", "admin"}) {
			t.Errorf("signed by %s: got %+v (%v)", p.Signer.Algorithm, got, err)
		}
	}
}

func TestForgedAnswersAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		provider func(*idp.Provider)
		browser  func(*oidc.Attempt, url.Values)
	}{
		"another state":    {nil, func(_ *oidc.Attempt, v url.Values) { v.Set("state", "x") }},
		"no state":         {nil, func(a *oidc.Attempt, v url.Values) { a.State, v["state"] = "", nil }},
		"another verifier": {nil, func(a *oidc.Attempt, _ url.Values) { a.Verifier = "an-other-verifier-of-at-least-43-characters" }},
		"an invented code": {nil, func(_ *oidc.Attempt, v url.Values) { v.Set("code", "x") }},
		"no code":          {func(p *idp.Provider) { p.Deny = "access_denied" }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			p, client := start(t)
			if c.provider != nil {
				p.Change(c.provider)
			}
			if got, err := signIn(t, client, c.browser); !errors.Is(err, oidc.ErrRefused) {
				t.Errorf("got %+v, %v; want %v", got, err, oidc.ErrRefused)
			}
		})
	}
}

// No browser can cause these. The error names the reason, and has no claim.
func TestInvalidTokensAreFaultsOfTheProvider(t *testing.T) {
	claims := func(pairs ...any) func(*idp.Provider) {
		return func(p *idp.Provider) {
			p.Claims = map[string]any{}
			for i := 0; i < len(pairs); i += 2 {
				p.Claims[pairs[i].(string)] = pairs[i+1]
			}
		}
	}
	for name, c := range map[string]struct {
		provider func(*idp.Provider)
		reason   string
	}{
		"another nonce":          {claims("nonce", "foreign"), "wrong nonce"},
		"no nonce":               {claims("nonce", ""), "wrong nonce"},
		"another audience":       {claims("aud", "foreign"), "for another client"},
		"another client's token": {claims("aud", []string{idp.ClientID, "foreign"}, "azp", "foreign"), "for another client"},
		"several, for nobody":    {claims("aud", []string{idp.ClientID, "foreign"}), "for another client"},
		"another issuer":         {claims("iss", "https://foreign.example.org"), "from another issuer"},
		"an expired token":       {claims("exp", now.Add(-time.Second).Unix()), "compare the clocks"},
		"nobody":                 {claims("sub", ""), "names nobody"},
		"another client":         {func(p *idp.Provider) { p.Fail, p.Status = "invalid_client", http.StatusUnauthorized }, "invalid_client and status 401"},
		"a foreign key": {func(p *idp.Provider) {
			key, err := rsa.GenerateKey(rand.Reader, 2048)
			if err != nil {
				panic(err)
			}
			p.Signer.Key = jose.JSONWebKey{Key: key, KeyID: "first"}
		}, "signature"},
		"a shared secret as key": {func(p *idp.Provider) {
			p.Signer = jose.SigningKey{Algorithm: jose.HS256, Key: []byte(idp.ClientSecret + "0123456789")}
		}, "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			p, client := start(t)
			p.Change(c.provider)
			got, err := signIn(t, client, nil)
			if !errors.Is(err, oidc.ErrFaulty) || !strings.Contains(err.Error(), c.reason) || strings.Contains(err.Error(), "foreign") {
				t.Errorf("got %+v, %v; want %v with %q", got, err, oidc.ErrFaulty, c.reason)
			}
		})
	}
}

// The body of a failure may contain anything.
func TestFailingTokenEndpointIsAnOutage(t *testing.T) {
	p, client := start(t)
	p.Change(func(p *idp.Provider) { p.Fail, p.Status = "server_error", http.StatusInternalServerError })
	if _, err := signIn(t, client, nil); !errors.Is(err, oidc.ErrUnavailable) || !strings.Contains(err.Error(), `server_error and status 500`) || strings.Contains(err.Error(), idp.Description) {
		t.Errorf("got %v, want %v", err, oidc.ErrUnavailable)
	}
}

// A code must work once.
func TestCodeIsUsedOnce(t *testing.T) {
	_, c := start(t)
	attempt, to, err := c.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer := visit(t, to)
	for _, want := range []error{nil, oidc.ErrRefused} {
		if _, err := c.Finish(t.Context(), attempt, answer); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// After an outage the provider is looked up again.
func TestOutageOfTheProviderPasses(t *testing.T) {
	p, c := start(t)
	down := func(down bool) { p.Change(func(p *idp.Provider) { p.Down = down }) }
	down(true)
	if _, err := signIn(t, c, nil); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, oidc.ErrUnavailable)
	}
	down(false)
	if _, err := signIn(t, c, nil); err != nil {
		t.Error(err)
	}
	if _, err := signIn(t, c, func(*oidc.Attempt, url.Values) { down(true) }); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("between the page and the token: got %v, want %v", err, oidc.ErrUnavailable)
	}
	other := oidc.New(oidc.Config{Issuer: p.URL + "/other", ClientID: idp.ClientID}, redirect, time.Now)
	if err := other.Check(context.Background()); !errors.Is(err, oidc.ErrUnavailable) {
		t.Errorf("another issuer: got %v, want %v", err, oidc.ErrUnavailable)
	}
}

func TestRolesComeFromTheClaim(t *testing.T) {
	p, _ := start(t)
	p.Change(func(p *idp.Provider) {
		p.Claims = map[string]any{
			"roles": []any{"viewer", 7, "agent"}, "role": "sender", "scope": "a b",
			"realm_access": map[string]any{"roles": []string{"admin"}}, "https://example.org/roles": []string{"viewer"}, "number": 7,
		}
	})
	for claim, want := range map[string][]string{
		"roles": {"viewer", "agent"}, "role": {"sender"}, "scope": {"a", "b"}, "realm_access.roles": {"admin"},
		"https://example.org/roles": {"viewer"}, "number": nil, "nothing": nil, "realm_access": nil, "realm_access.nothing": nil, "roles.x": nil, ".": nil,
	} {
		got, err := signIn(t, client(p, claim), nil)
		if err != nil || !slices.Equal(got.Roles, want) {
			t.Errorf("%s: got %q (%v), want %q", claim, got.Roles, err, want)
		}
	}
}

func TestOnlyNamedGroupsGiveARole(t *testing.T) {
	p, _ := start(t)
	p.Change(func(p *idp.Provider) { p.Claims = map[string]any{"groups": []string{"IT Admins", "admin", "helpdesk"}} })
	c := oidc.Config{
		Issuer: p.URL, ClientID: idp.ClientID, ClientSecret: idp.ClientSecret, RoleClaim: "groups",
		Roles: map[string]string{"IT Admins": "agent", "helpdesk": "viewer", "others": "admin"},
	}
	got, err := signIn(t, oidc.New(c, redirect, func() time.Time { return now }), nil)
	if want := []string{"agent", "viewer"}; err != nil || !slices.Equal(got.Roles, want) {
		t.Errorf("got %q (%v), want %q", got.Roles, err, want)
	}
}
