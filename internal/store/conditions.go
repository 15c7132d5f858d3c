package store

import (
	"slices"
	"strconv"
	"strings"
)

// conditions collects the parts of a WHERE clause and their parameters.
type conditions struct {
	parts []string
	args  []any
}

// add adds a condition; its one ? becomes the next parameter.
func (c *conditions) add(condition string, value any) {
	c.parts = append(c.parts, strings.Replace(condition, "?", c.bind(value), 1))
}

// bind returns the placeholder of a new parameter.
func (c *conditions) bind(value any) string {
	c.args = append(c.args, value)
	return "$" + strconv.Itoa(len(c.args))
}

// where writes the clause, with further conditions at its end.
func (c *conditions) where(further ...string) string {
	all := append(slices.Clip(c.parts), further...)
	if len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}
