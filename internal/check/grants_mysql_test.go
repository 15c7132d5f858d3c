package check

import (
	"strings"
	"testing"

	"resetd/internal/accounts"
)

// A user of MariaDB is a name and a host; without one, the script tells to write it.
func TestMySQLScriptNamesTheHost(t *testing.T) {
	grants := []accounts.Grant{{Privilege: "SELECT", Columns: []string{"id", "`user`"}, Table: "members"}}
	for user, want := range map[string]string{
		"resetd":           "GRANT SELECT (`id`, `user`) ON `app`.`members` TO `resetd`@`%`;\n",
		"resetd@localhost": "GRANT SELECT (`id`, `user`) ON `app`.`members` TO `resetd`@`localhost`;\n",
	} {
		got := mysqlScript(user, "app", grants)
		if !strings.HasSuffix(got, want) || strings.Contains(got, "any host") != strings.Contains(want, "%") {
			t.Errorf("%s: got\n%s\nwant\n%s", user, got, want)
		}
	}
}
