//go:build integrations && npm

package integrations

import (
	"path/filepath"
	"testing"
)

// better-auth has the hash in another table than the address, and stores only ASCII
// addresses, in lower case.
func TestBetterAuth(t *testing.T) {
	modules, err := filepath.Abs("../../../bin/npm/package.json")
	if err != nil {
		t.Fatal(err)
	}
	prove(t, framework{
		folder: "better-auth", preset: "../../../docs/accounts/better-auth.toml", databases: []string{"postgres"},
		table: `"user"`, hashes: "account", columns: []string{"password"},
		env:     []string{"MODULES=" + modules},
		install: [][]string{{"/usr/bin/node", "app.mjs", "add-accounts"}},
		server:  []string{"/usr/bin/node", "app.mjs", "PORT"},
		grants: []string{
			`SELECT (id, email, name) ON "user"`, `SELECT ("userId", "providerId", password), UPDATE (password) ON account`,
			`SELECT ("userId"), DELETE ON session`, `SELECT (value, identifier), DELETE ON verification`,
		},
		login: "/login", fields: [2]string{"email", "password"},
		ends: `SELECT concat('session/', id) FROM session WHERE "userId" = %s`,
	}, []person{owner, {id: "2", name: "capital", email: "Capital@Example.org", typed: "capital@example.ORG"}, {id: "3", name: "bystander", email: "bystander@example.org"}})
}
