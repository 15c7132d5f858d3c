// Package idp is a small provider of OpenID Connect for tests. It signs people in
// without asking, and checks what a real provider checks of a client: the redirect, the
// secret, and PKCE.
package idp

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that the provider knows.
const (
	ClientID     = "resetd"
	ClientSecret = "a client secret, with a + and a %"
	Description  = "what went wrong, with a secret"
)

// Provider is a running provider. A test changes its fields with Change.
type Provider struct {
	URL      string
	Redirect string         // of the client
	Claims   map[string]any // of the person who signs in; replaces the usual ones
	Signer   jose.SigningKey
	Now      func() time.Time
	Down     bool   // answers 500
	Deny     string // error instead of a code
	Fail     string // error instead of a token, with Status and Description
	Status   int

	t     *testing.T
	mu    sync.Mutex
	keys  jose.JSONWebKeySet
	codes map[string]url.Values // the requests that codes were given for
}

// Start starts a provider whose keys are new.
func Start(t *testing.T, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{t: t, Now: now, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { p.answer(w, p.keys) })
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.Down {
			http.Error(w, "down", http.StatusInternalServerError)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.URL = server.URL
	p.RS256("first")
	return p
}

// Change changes the provider between two requests.
func (p *Provider) Change(change func(p *Provider)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// RS256 makes the provider sign with a new RSA key.
func (p *Provider) RS256(id string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	p.must(err)
	p.sign(jose.RS256, id, key, key.Public())
}

// ES256 makes the provider sign with a new key on P-256.
func (p *Provider) ES256(id string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p.must(err)
	p.sign(jose.ES256, id, key, key.Public())
}

func (p *Provider) sign(algorithm jose.SignatureAlgorithm, id string, key any, public crypto.PublicKey) {
	p.Signer = jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}
	p.keys.Keys = append(p.keys.Keys, jose.JSONWebKey{Key: public, KeyID: id, Algorithm: string(algorithm), Use: "sig"})
}

func (p *Provider) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *Provider) answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		p.t.Error(err)
	}
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	p.answer(w, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

// authorize leads back to the client with a code.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("redirect_uri") != p.Redirect || q.Get("response_type") != "code" ||
		q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" {
		http.Error(w, "not a request of the client: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if p.Deny != "" {
		back.Set("error", p.Deny)
	} else {
		code := rand.Text()
		p.codes[code] = q
		back.Set("code", code)
	}
	http.Redirect(w, r, p.Redirect+"?"+back.Encode(), http.StatusFound)
}

// fail answers with an error of RFC 6749, section 5.2.
func (p *Provider) fail(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	p.answer(w, map[string]string{"error": word, "error_description": Description})
}

// token exchanges a code, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if p.Fail != "" {
		p.fail(w, p.Status, p.Fail)
		return
	}
	request, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	secret, err := url.QueryUnescape(secret)
	if !known || err != nil || id != ClientID || secret != ClientSecret || r.PostFormValue("redirect_uri") != p.Redirect ||
		base64.RawURLEncoding.EncodeToString(challenge[:]) != request.Get("code_challenge") {
		p.fail(w, http.StatusBadRequest, "invalid_grant")
		return
	}
	p.answer(w, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": p.idToken(request.Get("nonce"))})
}

func (p *Provider) idToken(nonce string) string {
	claims := map[string]any{
		"iss": p.URL, "aud": ClientID, "sub": "subject-1", "nonce": nonce, "iat": p.Now().Unix(), "exp": p.Now().Add(time.Minute).Unix(),
	}
	maps.Copy(claims, p.Claims)
	payload, err := json.Marshal(claims)
	p.must(err)
	signer, err := jose.NewSigner(p.Signer, nil)
	p.must(err)
	signed, err := signer.Sign(payload)
	p.must(err)
	compact, err := signed.CompactSerialize()
	p.must(err)
	return compact
}
