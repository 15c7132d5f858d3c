package config

import (
	"maps"
	"strings"
	"testing"
)

func TestProviderSettingsAreChecked(t *testing.T) {
	for _, c := range []struct {
		issuer, id, secret, claim, roles string
		problems                         []string // the variables that are wrong
	}{
		{"", "", "", "roles", "", nil},
		{"https://id.example.org/realms/x", "resetd", "secret", "realm_access.roles", "", nil},
		{"https://id.example.org", "resetd", "secret", "groups", "helpdesk=viewer, IT Admins=admin,cn=x=sender", nil},
		{"http://localhost:8081", "resetd", "secret", "roles", "", nil},
		{"http://id.example.org", "resetd", "secret", "roles", "", []string{"RESETD_OIDC_ISSUER"}},
		{"id.example.org", "resetd", "secret", "roles", "", []string{"RESETD_OIDC_ISSUER"}},
		{"https://id.example.org?x", "resetd", "secret", "roles", "", []string{"RESETD_OIDC_ISSUER"}},
		{"https://id.example.org", "", "", "", "", []string{"RESETD_OIDC_CLIENT_ID", "RESETD_OIDC_CLIENT_SECRET", "RESETD_OIDC_ROLE_CLAIM"}},
		{"", "resetd", "", "roles", "", []string{"RESETD_OIDC_ISSUER"}},
		{"", "", "secret", "roles", "", []string{"RESETD_OIDC_ISSUER"}},
		{"https://id.example.org", "resetd", "secret", "groups", "helpdesk", []string{"RESETD_OIDC_ROLES"}},
		{"https://id.example.org", "resetd", "secret", "groups", "helpdesk=king", []string{"RESETD_OIDC_ROLES"}},
		{"https://id.example.org", "resetd", "secret", "groups", "=viewer", []string{"RESETD_OIDC_ROLES"}},
		{"https://id.example.org", "resetd", "secret", "groups", "helpdesk=viewer,", []string{"RESETD_OIDC_ROLES"}},
		{"https://id.example.org", "resetd", "secret", "groups", "a=viewer, a=admin", []string{"RESETD_OIDC_ROLES"}},
	} {
		var p problems
		var cfg Config
		checkOIDC(&cfg, Settings{OIDCIssuer: c.issuer, OIDCClientID: c.id, OIDCRoleClaim: c.claim, OIDCRoles: c.roles}, Secrets{OIDCClientSecret: c.secret}, &p)
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

func TestRolesOfGroupsAreRead(t *testing.T) {
	got, err := oidcRoles(" helpdesk = viewer,IT Admins=admin, cn=x=sender")
	want := map[string]string{"helpdesk": "viewer", "IT Admins": "admin", "cn=x": "sender"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
	if got, err := oidcRoles(" "); err != nil || got != nil {
		t.Errorf("nothing: got %v (%v), want nil: the values are the roles", got, err)
	}
}
