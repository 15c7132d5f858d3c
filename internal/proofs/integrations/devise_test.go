//go:build integrations

package integrations

import "testing"

// devise is the application with the pepper of its hashes.
func devise() framework {
	const pepper = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	return framework{
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
	}
}

// Devise stores addresses in lower case, so they are unique ignoring case. Each account
// has a live link of Devise, which a reset must end.
func TestDevise(t *testing.T) { prove(t, devise(), everywhere) }

// Lockable, confirmable and a soft deletion: a reset unlocks an account, and who is not
// confirmed or deleted gets no link.
func TestDeviseWithModules(t *testing.T) {
	f := devise()
	f.preset, f.databases = "devise,lockable,confirmable,soft-delete", []string{"postgres"}
	f.env = append(f.env, "MODULES=1")
	f.unlocks = []string{"locked_at", "unlock_token", "failed_attempts"}
	f.grants = append(f.grants, "UPDATE (locked_at, unlock_token, failed_attempts) ON users")
	prove(t, f, among(
		person{id: "5", name: "unconfirmed", email: "unconfirmed@example.org", typed: "unconfirmed@example.org", withheld: "inactive"},
		person{id: "6", name: "deleted", email: "deleted@example.org", typed: "deleted@example.org", withheld: "inactive"},
		person{id: "7", name: "locked", email: "locked@example.org", typed: "locked@example.org", locked: true},
	))
}
