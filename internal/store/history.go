package store

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"resetd/internal/reset"
)

// Filter chooses resets; what is empty does not restrict.
type Filter struct {
	Email  string // normalised
	UserID string
	IP     netip.Addr // that asked, or that used
	Status reset.Status
	Since  time.Time // created then or later
	Until  time.Time // created before
	Limit  int
}

// History returns the resets that match, newest first. Now decides which are
// expired.
func (s *Store) History(ctx context.Context, f Filter, now time.Time) ([]reset.Reset, error) {
	var rows []resetRow
	query, args := f.query(now)
	err := s.list(ctx, &rows, query, args...)
	resets := make([]reset.Reset, len(rows))
	for i, r := range rows {
		resets[i] = r.reset()
	}
	return resets, err
}

// statusIs says each status in SQL as reset.Reset.Status says it in Go.
var statusIs = map[reset.Status]string{
	reset.StatusUsed:     `used_at IS NOT NULL`,
	reset.StatusRevoked:  `used_at IS NULL AND revoked_at IS NOT NULL`,
	reset.StatusWithheld: `used_at IS NULL AND revoked_at IS NULL AND withheld IS NOT NULL`,
	reset.StatusExpired:  `used_at IS NULL AND revoked_at IS NULL AND withheld IS NULL AND expires_at <= ?`,
	reset.StatusOpened:   `used_at IS NULL AND revoked_at IS NULL AND withheld IS NULL AND expires_at > ? AND opened_at IS NOT NULL`,
	reset.StatusPending:  `used_at IS NULL AND revoked_at IS NULL AND withheld IS NULL AND expires_at > ? AND opened_at IS NULL`,
}

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

// query joins only the conditions that are asked for, so that each search meets
// its index.
func (f Filter) query(now time.Time) (string, []any) {
	var c conditions
	c.add(f.Email != "", `email = ?`, f.Email)
	c.add(f.UserID != "", `user_id = ?`, f.UserID)
	c.add(!f.Since.IsZero(), `created_at >= ?`, f.Since)
	c.add(!f.Until.IsZero(), `created_at < ?`, f.Until)
	c.add(f.Status != "", statusIs[f.Status], now)
	limit := newestFirst + c.bind(f.Limit)
	from := `SELECT ` + resetColumns + ` FROM password_resets`
	if !f.IP.IsValid() {
		return from + c.and("") + limit, c.args
	}
	// An address can stand in two columns with an index each. The newest of
	// either are found by their index; the outer order picks among them.
	ip := c.bind(f.IP)
	newest := func(column string) string {
		return `SELECT id FROM (SELECT id FROM password_resets` + c.and(column+` = `+ip) + limit + `) AS by_` + column
	}
	return from + ` WHERE id IN (` + newest("created_by_ip") + ` UNION ` + newest("used_by_ip") + `)` + limit, c.args
}
