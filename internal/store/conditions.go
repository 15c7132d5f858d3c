package store

import (
	"slices"
	"strconv"
	"strings"
)

// conditions collects what a search asks for; each ? becomes the next parameter.
type conditions struct {
	where []string
	args  []any
}

func (c *conditions) add(asked bool, condition string, value any) {
	if !asked {
		return
	}
	if strings.Contains(condition, "?") {
		condition = strings.ReplaceAll(condition, "?", c.bind(value))
	}
	c.where = append(c.where, condition)
}

func (c *conditions) bind(value any) string {
	c.args = append(c.args, value)
	return "$" + strconv.Itoa(len(c.args))
}

func (c *conditions) and(condition string) string {
	all := slices.Clone(c.where)
	if condition != "" {
		all = append(all, condition)
	}
	if len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}

const newestFirst = ` ORDER BY created_at DESC, id DESC LIMIT `
