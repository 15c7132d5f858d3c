package store

import (
	"strconv"
	"strings"

	"resetd/internal/history"
	"resetd/internal/reset"
)

// settled is what became of a reset as far as its row says without a clock. The
// indexes have the same words.
const settled = `(CASE WHEN used_at IS NOT NULL THEN 1 WHEN revoked_at IS NOT NULL THEN 2 WHEN withheld IS NULL THEN 0` +
	` WHEN withheld = 'no_account' THEN 3 WHEN withheld = 'inactive' THEN 4 WHEN withheld = 'throttled' THEN 5 ELSE 6 END)`

const settledUsed = 1

var everySettled = []int{0, 1, 2, 3, 4, 5, 6}

// settledAs lists the values of settled that a status has.
var settledAs = map[reset.Status][]int{
	reset.StatusUsed: {1}, reset.StatusRevoked: {2}, reset.StatusWithheld: {3, 4, 5, 6},
	reset.StatusExpired: {0}, reset.StatusOpened: {0}, reset.StatusPending: {0},
}

var withheldAs = map[reset.Withheld]int{
	reset.WithheldNoAccount: 3, reset.WithheldInactive: 4, reset.WithheldThrottled: 5, reset.WithheldNoPassword: 6,
}

func (s search) settled() []int {
	if s.Withheld != "" {
		return []int{withheldAs[s.Withheld]}
	}
	if all, restricted := settledAs[s.Status]; restricted {
		return all
	}
	return everySettled
}

// anySettled: the status does not restrict what became of a reset.
func (s search) anySettled() bool { return len(s.settled()) == len(everySettled) }

// matches has all that a row must be, but for its time and settled.
func (s search) matches(c *conditions) {
	// A value behind SELECT is one that the planner knows nothing about. It
	// plans for one that is rare, by the index, also where another is common.
	c.add(s.Email != "", `email = (SELECT ?)`, s.Email)
	c.add(s.UserID != "", `user_id = (SELECT ?)`, s.UserID)
	c.add(s.ID != reset.ID{}, `id = ?`, s.ID)
	if s.IDPrefix != "" {
		low, high := s.idRange()
		c.add(true, `id >= ?`, low)
		c.add(true, `id <= ?`, high)
	}
	s.sought(c)
	s.lives(c)
}

// sought has what is looked for in addresses of either kind.
func (s search) sought(c *conditions) {
	if s.Network.IsValid() {
		c.where = append(c.where, `(`+s.within(c, "created_by_ip")+` OR `+s.within(c, "used_by_ip")+`)`)
	}
	if s.Part != "" {
		s.has(c, "email")
	}
}

// lives has what the clock adds to settled.
func (s search) lives(c *conditions) {
	switch s.Status { //nolint:exhaustive // what is settled asks no clock
	case reset.StatusExpired:
		c.add(true, `expires_at <= ?`, s.now)
	case reset.StatusOpened, reset.StatusPending:
		c.add(true, `expires_at > ?`, s.now)
		c.add(s.Status == reset.StatusOpened, `opened_at IS NOT NULL`, nil)
		c.add(s.Status == reset.StatusPending, `opened_at IS NULL`, nil)
	case history.MailFailed:
		c.add(true, `mail_failed`, nil)
	}
}

// times bounds a column that is a reset's creation. A link that lives is never
// older than the longest life.
func (s search) times(c *conditions, d column, after history.Position) {
	since := s.Since
	if s.Status == reset.StatusOpened || s.Status == reset.StatusPending {
		if born := s.now.Add(-reset.MaxLifetime); born.After(since) {
			since = born
		}
	}
	c.add(!since.IsZero(), d.at+` >= `+d.value, since)
	c.add(!s.Until.IsZero(), d.at+` < `+d.value, s.Until)
	if after != (history.Position{}) {
		at := strings.ReplaceAll(d.value, "?", c.bind(after.CreatedAt))
		c.where = append(c.where, `(`+d.at+`, `+d.id+`) < (`+at+`, `+c.bind(after.ID)+`)`)
	}
}

// column is a creation's time, how to write a value to compare it with, and the
// id beside it.
type column struct{ at, value, id string }

var created = column{"created_at", "?", "id"}

func (d column) newestFirst() string { return ` ORDER BY ` + d.at + ` DESC, ` + d.id + ` DESC` }

// settled restricts to some of the values, and not at all to every one.
func (c *conditions) settled(values []int) {
	if len(values) == len(everySettled) {
		return
	}
	c.where = append(c.where, settled+` IN (`+joined(values)+`)`)
}

func joined(values []int) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = strconv.Itoa(v)
	}
	return strings.Join(texts, ", ")
}
