//go:build integrations

package integrations

import (
	"cmp"
	"os"
	"testing"
)

// Debian's WordPress or, for another version, the files in RESETD_TEST_WORDPRESS, with the
// file that its document asks for. WordPress stores only ASCII addresses.
func TestWordPress(t *testing.T) {
	prove(t, framework{
		folder: "wordpress", preset: "wordpress", databases: []string{"mariadb"},
		table: "wp_users", email: "user_email", columns: []string{"user_pass"},
		env:     []string{"WORDPRESS=" + cmp.Or(os.Getenv("RESETD_TEST_WORDPRESS"), "/usr/share/wordpress")},
		install: [][]string{{"/usr/bin/php", "install.php"}},
		server:  []string{"/usr/bin/php", "-S", "ADDR", "router.php"},
		grants:  []string{"SELECT (ID, user_login, user_email, user_pass, display_name), UPDATE (user_pass, user_activation_key) ON wp_users"},
		login:   "/wp-login.php", fields: [2]string{"log", "pwd"}, byName: true,
	}, []person{owner, {id: "2", name: "capital", email: "Capital@Example.org", typed: "capital@example.ORG"}, {id: "3", name: "bystander", email: "bystander@example.org"}})
}
