package store

import (
	"context"
	"strconv"
	"strings"

	"resetd/internal/history"
)

// sorted finds all matches, by whatever index has the fewest, and sorts them. They
// stand in a query of their own, so that no planner thinks of a walk.
func (s search) sorted(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	var c conditions
	s.matches(&c)
	s.times(&c, created, after)
	c.settled(s.settled())
	return s.spots(ctx, `
		WITH found AS MATERIALIZED (SELECT id, created_at FROM password_resets`+c.and("")+`)
		SELECT id, created_at FROM found`+newestFirst+c.bind(n), c.args...)
}

// byAccount walks the index of the account or of the address.
func (s search) byAccount(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	var c conditions
	s.matches(&c)
	s.times(&c, created, after)
	limit := c.bind(n)
	return s.spots(ctx, s.merged(&c, "id, created_at", created, limit), c.args...)
}

// byTime walks the index of the time, or of the status.
func (s search) byTime(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	var c conditions
	s.lives(&c)
	return s.spots(ctx, s.inTime(&c, "id, created_at", after, c.bind(n)), c.args...)
}

// inTime selects the newest rows of the status, whatever else they are.
func (s search) inTime(c *conditions, columns string, after history.Position, limit string) string {
	if s.anySettled() {
		s.times(c, created, after)
		return `SELECT ` + columns + ` FROM password_resets` + c.and("") + newestFirst + limit
	}
	by := s.dialect.byStatus()
	s.times(c, by, after)
	return s.merged(c, columns, by, limit)
}

// merged selects the newest rows of each status, and the newest of these: each
// status is a walk along an index that ends after so many rows.
func (s search) merged(c *conditions, columns string, by column, limit string) string {
	arms := make([]string, 0, len(everySettled))
	for _, v := range s.settled() {
		is := strconv.Itoa(v)
		arms = append(arms, `SELECT * FROM (SELECT `+columns+` FROM password_resets`+
			c.and(settled+` = `+is)+by.newestFirst()+` LIMIT `+limit+`) AS settled_`+is)
	}
	if len(arms) == 1 {
		return arms[0] + newestFirst + limit
	}
	return `SELECT * FROM (` + strings.Join(arms, ` UNION ALL `) + `) AS arms` + newestFirst + limit
}

// byFailure walks the index of the links whose mail was refused for good: that
// of the account, of the address, or of all of them.
func (s search) byFailure(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	var c conditions
	s.matches(&c)
	s.times(&c, created, after)
	return s.spots(ctx, `SELECT id, created_at FROM password_resets`+c.and("")+newestFirst+c.bind(n), c.args...)
}

// idRange is between which ids those stand that begin with the digits.
func (s search) idRange() (low, high string) {
	return s.IDPrefix + "-0000-0000-0000-000000000000", s.IDPrefix + "-ffff-ffff-ffff-ffffffffffff"
}
