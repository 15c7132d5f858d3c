package sqldb

import (
	"slices"
	"strconv"
	"strings"
)

// Conditions collects the parts of a WHERE clause and their parameters.
type Conditions struct {
	Parts []string
	Args  []any
}

// Add adds a condition; its one ? becomes the next parameter.
func (c *Conditions) Add(condition string, value any) {
	c.Parts = append(c.Parts, strings.Replace(condition, "?", c.Bind(value), 1))
}

// Bind returns the placeholder of a new parameter.
func (c *Conditions) Bind(value any) string {
	c.Args = append(c.Args, value)
	return "$" + strconv.Itoa(len(c.Args))
}

// BindAll returns the placeholders of a list of values.
func BindAll[T any](c *Conditions, values []T) string {
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = c.Bind(v)
	}
	return strings.Join(places, ", ")
}

// Where returns the clause, with further conditions at its end.
func (c *Conditions) Where(further ...string) string {
	all := append(slices.Clip(c.Parts), further...)
	if len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}
