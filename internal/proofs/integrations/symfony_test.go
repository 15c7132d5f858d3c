//go:build integrations

package integrations

import "testing"

// Symfony compares the hash in the session with the one in the table.
func TestSymfony(t *testing.T) {
	prove(t, framework{
		folder: "symfony", preset: "symfony", table: `"user"`, columns: []string{"password"},
		install: [][]string{{"/usr/bin/php", "add_accounts.php"}},
		server:  []string{"/usr/bin/php", "-S", "ADDR", "index.php"},
		grants:  []string{`SELECT (id, email, password), UPDATE (password) ON "user"`},
		login:   "/login", fields: [2]string{"_username", "_password"},
	}, twins)
}
