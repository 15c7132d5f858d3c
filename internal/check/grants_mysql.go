package check

import (
	"fmt"
	"strings"

	"resetd/internal/accounts"
)

// mysqlScript grants what a user needs on MariaDB and MySQL. A user may be written with its
// host: user@localhost.
func mysqlScript(user, database string, grants []accounts.Grant) string {
	var text strings.Builder
	name, host, known := strings.Cut(user, "@")
	if !known {
		host = "%"
	}
	account := backticks(name) + "@" + backticks(host)
	_, _ = fmt.Fprintf(&text, "-- The minimal privileges for resetd. Run this as an administrator, after\n--     CREATE USER %s IDENTIFIED BY 'a new password';\n", account)
	if !known {
		text.WriteString("-- % is any host: write resetd's, if you know it, as in resetd@localhost.\n")
	}
	for _, g := range grants {
		_, _ = fmt.Fprintf(&text, "GRANT %s ON %s TO %s;\n", mysqlPrivilege(g), mysqlTable(database, g.Table), account)
	}
	return text.String()
}

func mysqlPrivilege(g accounts.Grant) string {
	if len(g.Columns) == 0 {
		return g.Privilege
	}
	quoted := make([]string, len(g.Columns))
	for i, c := range g.Columns {
		quoted[i] = backticks(c)
	}
	return g.Privilege + " (" + strings.Join(quoted, ", ") + ")"
}

// mysqlTable returns a table with its database, which a grant can name.
func mysqlTable(database, table string) string {
	if named, rest, found := strings.Cut(table, "."); found {
		database, table = named, rest
	}
	return backticks(database) + "." + backticks(table)
}

// backticks quotes a name, which may be quoted already.
func backticks(name string) string {
	return "`" + strings.ReplaceAll(strings.Trim(name, "\"`"), "`", "``") + "`"
}
