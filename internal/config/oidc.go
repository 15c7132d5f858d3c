package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"resetd/internal/oidc"
)

const oidcSecretVariable = "RESETD_OIDC_CLIENT_SECRET"

// checkOIDC sets the provider of OpenID Connect, if there is one.
func checkOIDC(cfg *Config, s Settings, secrets Secrets, p *problems) {
	if s.OIDCIssuer == "" {
		if s.OIDCClientID != "" || secrets.OIDCClientSecret != "" {
			p.add("RESETD_OIDC_ISSUER", errors.New("set it to the provider's address, or remove RESETD_OIDC_CLIENT_ID and RESETD_OIDC_CLIENT_SECRET"))
		}
		return
	}
	p.add("RESETD_OIDC_ISSUER", checkIssuer(s.OIDCIssuer))
	if s.OIDCClientID == "" {
		p.add("RESETD_OIDC_CLIENT_ID", errors.New("set it to the id that the provider gave to this client"))
	}
	if secrets.OIDCClientSecret == "" {
		p.add(oidcSecretVariable, errors.New("set it, or RESETD_OIDC_CLIENT_SECRET_FILE, to the secret that the provider gave to this client"))
	}
	if s.OIDCRoleClaim == "" {
		p.add("RESETD_OIDC_ROLE_CLAIM", errors.New("set it to the claim that contains the role, such as roles"))
	}
	roles, err := oidcRoles(s.OIDCRoles)
	p.add("RESETD_OIDC_ROLES", err)
	cfg.OIDC = &oidc.Config{Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: secrets.OIDCClientSecret, RoleClaim: s.OIDCRoleClaim, Roles: roles}
}

// oidcRoles reads pairs of a value of the claim and a role: helpdesk=viewer, IT=admin.
func oidcRoles(pairs string) (map[string]string, error) {
	if strings.TrimSpace(pairs) == "" {
		return nil, nil
	}
	roles := map[string]string{}
	for pair := range strings.SplitSeq(pairs, ",") {
		at := strings.LastIndex(pair, "=")
		group, role := strings.TrimSpace(pair[:max(at, 0)]), strings.TrimSpace(pair[at+1:])
		if group == "" || !slices.Contains([]string{"viewer", "sender", "agent", "admin"}, role) {
			return nil, fmt.Errorf("%q is not a group and a role, such as helpdesk=viewer; the roles are viewer, sender, agent and admin", strings.TrimSpace(pair))
		}
		if _, twice := roles[group]; twice {
			return nil, fmt.Errorf("%q is there twice", group)
		}
		roles[group] = role
	}
	return roles, nil
}

// checkIssuer requires https (OpenID Connect Discovery 1.0, section 3), except on this
// machine.
func checkIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q is not the address of a provider, such as https://id.example.org", issuer)
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname()) {
		return nil
	}
	return fmt.Errorf("%q must begin with https://", issuer)
}
