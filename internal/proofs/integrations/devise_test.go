//go:build integrations

package integrations

import "testing"

// Devise stores addresses in lower case, so they are unique ignoring case. Each account
// has a live link of Devise, which a reset must end.
func TestDevise(t *testing.T) {
	const pepper = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	prove(t, framework{
		folder: "rails", preset: "devise", table: "users",
		columns:   []string{"encrypted_password", "reset_password_token", "reset_password_sent_at"},
		env:       []string{"PEPPER=" + pepper},
		settings:  map[string]string{"RESETD_PEPPER": pepper},
		schemes:   map[string]string{"sqlite": "sqlite3:", "mysql": "mysql2:"},
		databases: []string{"sqlite", "postgres", "mariadb"},
		install:   [][]string{{"/usr/bin/ruby", "add_accounts.rb"}},
		server:    []string{"/usr/bin/puma", "--bind", "tcp://ADDR", "config.ru"},
		grants:    []string{"SELECT, UPDATE (encrypted_password, reset_password_token, reset_password_sent_at, remember_created_at) ON users"},
		login:     "/users/sign_in", fields: [2]string{"user[email]", "user[password]"},
	}, everywhere)
}
