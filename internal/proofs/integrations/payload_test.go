//go:build integrations && npm

package integrations

import (
	"path/filepath"
	"testing"
)

// Payload keeps salt and hash in two columns, and stores addresses in lower case.
func TestPayload(t *testing.T) {
	modules, err := filepath.Abs("../../../bin/npm/package.json")
	if err != nil {
		t.Fatal(err)
	}
	prove(t, framework{
		folder: "payload", preset: "../../../docs/accounts/payload.toml", databases: []string{"postgres"},
		table: "users", columns: []string{"salt", "hash"},
		env:     []string{"MODULES=" + modules},
		install: [][]string{{"/usr/bin/node", "app.mjs", "add-accounts"}},
		server:  []string{"/usr/bin/node", "app.mjs", "PORT"},
		grants: []string{
			"SELECT (id, email, salt, hash), UPDATE (salt, hash, login_attempts, lock_until, reset_password_token, reset_password_expiration) ON users",
			"SELECT (_parent_id), DELETE ON users_sessions",
		},
		login: "/login", fields: [2]string{"email", "password"},
	}, []person{owner, {id: "2", name: "capital", email: "Capital@Example.org", typed: "capital@example.ORG"}, {id: "3", name: "bystander", email: "bystander@example.org"}})
}
