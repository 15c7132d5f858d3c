//go:build integrations

package integrations

import "testing"

// Sessions are in the database, and everybody uses "remember me".
func TestLaravel(t *testing.T) {
	prove(t, framework{
		folder: "laravel", preset: "laravel", table: "users", columns: []string{"password", "remember_token"},
		env:     []string{"APP_CONFIG_CACHE=config.php", "APP_SERVICES_CACHE=HOME/services.php", "APP_PACKAGES_CACHE=HOME/packages.php"},
		schemes: map[string]string{"sqlite": "sqlite:///"},
		install: [][]string{{"/usr/bin/php", "add_accounts.php"}},
		server:  []string{"/usr/bin/php", "-S", "ADDR", "index.php"},
		grants:  []string{"SELECT, UPDATE (password, remember_token) ON users", "SELECT (email) ON password_reset_tokens", "DELETE ON password_reset_tokens", "SELECT, DELETE ON sessions"},
		login:   "/login", fields: [2]string{"email", "password"},
		databases: []string{"sqlite", "postgres", "mariadb"}, unique: true,
		ends: `SELECT concat('sessions/', id) FROM sessions WHERE user_id = %s`,
	}, twins)
}
