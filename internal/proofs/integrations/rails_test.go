//go:build integrations

package integrations

import "testing"

// Debian has Rails 6.1, so the application is written as the generator of Rails 8 writes
// it. Addresses are stored in lower case.
func TestRails(t *testing.T) {
	prove(t, framework{
		folder: "rails-sessions", preset: "rails", table: "users", email: "email_address", columns: []string{"password_digest"},
		schemes:   map[string]string{"sqlite": "sqlite3:", "mysql": "mysql2:"},
		databases: []string{"sqlite", "postgres", "mariadb"},
		install:   [][]string{{"/usr/bin/ruby", "add_accounts.rb"}},
		server:    []string{"/usr/bin/puma", "--bind", "tcp://ADDR", "config.ru"},
		grants:    []string{"SELECT (id, email_address, password_digest), UPDATE (password_digest) ON users", "SELECT (user_id), DELETE ON sessions"},
		login:     "/session/new", fields: [2]string{"email_address", "password"},
		ends: `SELECT concat('sessions/', id) FROM sessions WHERE user_id = %s`,
	}, everywhere)
}
