package config

import (
	"strings"
	"testing"
)

func TestProviderSettingsAreChecked(t *testing.T) {
	for _, c := range []struct {
		issuer, id, secret, claim string
		problems                  []string // the variables that are wrong
	}{
		{"", "", "", "roles", nil},
		{"https://id.example.org/realms/x", "resetd", "secret", "realm_access.roles", nil},
		{"http://localhost:8081", "resetd", "secret", "roles", nil},
		{"http://id.example.org", "resetd", "secret", "roles", []string{"RESETD_OIDC_ISSUER"}},
		{"id.example.org", "resetd", "secret", "roles", []string{"RESETD_OIDC_ISSUER"}},
		{"https://id.example.org?x", "resetd", "secret", "roles", []string{"RESETD_OIDC_ISSUER"}},
		{"https://id.example.org", "", "", "", []string{"RESETD_OIDC_CLIENT_ID", "RESETD_OIDC_CLIENT_SECRET", "RESETD_OIDC_ROLE_CLAIM"}},
		{"", "resetd", "", "roles", []string{"RESETD_OIDC_ISSUER"}},
		{"", "", "secret", "roles", []string{"RESETD_OIDC_ISSUER"}},
	} {
		var p problems
		var cfg Config
		checkOIDC(&cfg, Settings{OIDCIssuer: c.issuer, OIDCClientID: c.id, OIDCRoleClaim: c.claim}, Secrets{OIDCClientSecret: c.secret}, &p)
		var got []string
		for _, err := range p {
			name, _, _ := strings.Cut(err.Error(), ":")
			got = append(got, name)
			if c.secret != "" && strings.Contains(err.Error(), c.secret+"\"") {
				t.Errorf("a problem contains the secret: %v", err)
			}
		}
		if strings.Join(got, " ") != strings.Join(c.problems, " ") || (cfg.OIDC != nil) != (c.issuer != "") {
			t.Errorf("%+v: got %v", c, p)
		}
	}
}
