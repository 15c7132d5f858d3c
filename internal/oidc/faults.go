package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	provider "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// denials are the errors that a provider answers instead of a code if it refuses this client or
// has a fault of its own (RFC 6749, section 4.1.2.1). A person causes access_denied.
var denials = []string{
	"invalid_request", "invalid_scope", "server_error", "temporarily_unavailable", "unauthorized_client", "unsupported_response_type",
}

// denial returns the error of an answer without a code. Other texts may be the visitor's.
func denial(word string) error {
	switch {
	case slices.Contains(denials, word):
		return fmt.Errorf("%w: there is no code, but the error %s", ErrRejected, word)
	case word == "access_denied":
		return fmt.Errorf("%w: there is no code, but the error access_denied", ErrRefused)
	default:
		return fmt.Errorf("%w: there is no code, but no or another error", ErrRefused)
	}
}

// failures are the errors of a token endpoint (RFC 6749, section 5.2).
var failures = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "server_error", "temporarily_unavailable",
}

// exchangeError tells a refused code, which any visitor can cause, from a refused client
// and from an outage. A provider may refuse the code because of the client, too. Every other
// text of the answer may contain secrets.
func exchangeError(err error) error {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		return fmt.Errorf("%w: token endpoint: %w", ErrUnavailable, err)
	}
	kind, hint := ErrFaulty, ""
	switch {
	case answer.Response.StatusCode >= http.StatusInternalServerError:
		kind = ErrUnavailable
	case answer.ErrorCode == "invalid_grant":
		kind, hint = ErrRejected, ": the code was used, is too old or invented, or the provider knows another redirect address or secret of this client"
	}
	word := answer.ErrorCode
	if !slices.Contains(failures, word) {
		word = "another error"
	}
	return fmt.Errorf("%w: the token endpoint answers with %s and status %d%s", kind, word, answer.Response.StatusCode, hint)
}

// verify checks the signature, issuer, audience and expiry of an ID token. The texts of
// the library may contain claims, so a refused token is checked for each reason alone.
func (p *Provider) verify(ctx context.Context, found *provider.Provider, raw string) (*provider.IDToken, error) {
	check := func(c provider.Config) (*provider.IDToken, error) {
		c.ClientID, c.Now = p.cfg.ClientID, p.now
		return found.Verifier(&c).Verify(p.with(ctx), raw)
	}
	token, err := check(provider.Config{})
	if err == nil {
		return token, nil
	}
	for _, c := range []struct {
		only   provider.Config
		reason string
	}{
		{provider.Config{SkipIssuerCheck: true, SkipClientIDCheck: true, SkipExpiryCheck: true}, "its signature can't be verified with the keys of the provider"},
		{provider.Config{SkipClientIDCheck: true, SkipExpiryCheck: true}, "it is from another issuer"},
		{provider.Config{SkipIssuerCheck: true, SkipExpiryCheck: true}, "it is for another client"},
	} {
		if _, err := check(c.only); err != nil {
			return nil, fmt.Errorf("%w: the ID token is not valid: %s", ErrFaulty, c.reason)
		}
	}
	return nil, fmt.Errorf("%w: the ID token is not valid: it has expired, or is not valid yet; compare the clocks", ErrFaulty)
}
