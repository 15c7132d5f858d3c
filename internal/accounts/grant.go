package accounts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Grant is a privilege that the statements need on PostgreSQL, written as in GRANT:
// "SELECT (id, email) ON users", or "DELETE ON sessions" for a whole table.
type Grant struct {
	Privilege string
	Columns   []string // quoted for SQL; empty: the whole table
	Table     string   // quoted for SQL
}

var grantSyntax = regexp.MustCompile(`^(SELECT|INSERT|UPDATE|DELETE)(?: \(([^()]+)\))? ON (\S+)$`)

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *Grant) UnmarshalText(text []byte) error {
	parts := grantSyntax.FindStringSubmatch(string(text))
	if parts == nil {
		return fmt.Errorf("%q is not like SELECT (id, email) ON users", text)
	}
	*g = Grant{Privilege: parts[1], Table: parts[3]}
	for c := range strings.SplitSeq(parts[2], ", ") {
		if c != "" && c[0] != '\'' && !slices.Contains(g.Columns, c) { // an option may be a text, or name a column twice
			g.Columns = append(g.Columns, c)
		}
	}
	return nil
}

// String returns the text between GRANT and ON.
func (g Grant) String() string {
	if len(g.Columns) == 0 {
		return g.Privilege
	}
	return g.Privilege + " (" + strings.Join(g.Columns, ", ") + ")"
}
