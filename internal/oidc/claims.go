package oidc

import (
	"crypto/subtle"
	"fmt"
	"strings"

	provider "github.com/coreos/go-oidc/v3/oidc"
)

// Identity is a person as the provider names them.
type Identity struct {
	Issuer, Subject string // together unique, and never reused
	Name            string // for people; may be empty
	Roles           []string
}

func (p *Provider) identity(token *provider.IDToken, a Attempt) (Identity, error) {
	if !same(a.Nonce, token.Nonce) {
		return Identity{}, fmt.Errorf("%w: wrong nonce", ErrFaulty)
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return Identity{}, fmt.Errorf("%w: the claims can't be read", ErrFaulty)
	}
	// OpenID Connect Core 1.0, section 3.1.3.7, steps 4 and 5.
	if azp, has := claims["azp"].(string); has && azp != p.cfg.ClientID || !has && len(token.Audience) > 1 {
		return Identity{}, fmt.Errorf("%w: the ID token is for another client", ErrFaulty)
	}
	if token.Subject == "" {
		return Identity{}, fmt.Errorf("%w: the ID token names nobody", ErrFaulty)
	}
	name, _ := claims["preferred_username"].(string)
	return Identity{Issuer: token.Issuer, Subject: token.Subject, Name: name, Roles: p.cfg.roles(values(claims, p.cfg.RoleClaim))}, nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// roles returns the roles of a claim's values. With a map, only what it names counts: a
// group that somebody else calls admin gives no role.
func (c Config) roles(values []string) (roles []string) {
	if c.Roles == nil {
		return values
	}
	for _, value := range values {
		if role, named := c.Roles[value]; named {
			roles = append(roles, role)
		}
	}
	return roles
}

// values returns the texts of a claim. Its name may be that of a claim, or lead into one:
// realm_access.roles.
func values(claims map[string]any, name string) (texts []string) {
	value, found := claims[name]
	for rest := name; !found; {
		first, after, more := strings.Cut(rest, ".")
		inner, ok := claims[first]
		if !ok {
			return nil
		}
		if value, found = inner, !more; more {
			if claims, ok = inner.(map[string]any); !ok {
				return nil
			}
		}
		rest = after
	}
	switch value := value.(type) {
	case string:
		return strings.Fields(value)
	case []any:
		for _, one := range value {
			if text, ok := one.(string); ok {
				texts = append(texts, text)
			}
		}
	}
	return texts
}
