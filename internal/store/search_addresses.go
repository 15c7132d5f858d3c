package store

import (
	"context"
	"strings"
	"time"

	"resetd/internal/history"
)

// fewAddresses are taken first.
var fewAddresses = 30

// byAddresses takes the addresses that have the part in them, those of the newest
// resets first, and merges the newest resets of each. It takes more of them until
// none that is left can have a newer one.
func (s search) byAddresses(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	most := fewAddresses
	if after != (history.Position{}) {
		most *= 16 // those with a reset before the position come first, in no order
	}
	for ; ; most *= 16 {
		found, rest, err := s.ofAddresses(ctx, after, n, most)
		if err != nil || rest.IsZero() || len(found) == n {
			return found, err
		}
	}
}

// ofAddresses finds the newest resets of so many addresses, but none that is as
// old as those that the other addresses may have. Rest is the newest of these,
// zero where there is no other address.
func (s search) ofAddresses(ctx context.Context, after history.Position, n, most int) (found []history.Position, rest time.Time, err error) {
	var c conditions
	addresses := s.matching(&c, after) + ` ORDER BY newest DESC LIMIT ` + c.bind(most)
	c.where = []string{`email = address`, settled + ` = state`, `created_at > coalesce(rest, '-infinity')`}
	s.lives(&c)
	s.times(&c, created, after)
	limit := c.bind(n)
	found, last, err := spotsAnd[instant](ctx, s.queries, `
		WITH matching AS MATERIALIZED (`+addresses+`), rest AS (SELECT CASE WHEN count(*) = `+c.bind(most)+` THEN min(newest) END AS rest FROM matching)
		SELECT found.*, rest FROM rest LEFT JOIN LATERAL (
			SELECT newest_of.* FROM matching CROSS JOIN unnest(CAST('{`+joined(s.settled())+`}' AS int[])) AS state CROSS JOIN LATERAL (
				SELECT id, created_at FROM password_resets`+c.and("")+newestFirst+limit+`) AS newest_of) AS found ON true`+newestFirst+limit, c.args...)
	return found, last.Time, err
}

// matching selects the addresses that have the part in them and may have a reset
// of the time. What is newer than that says nothing of which comes first, so newest
// ends there.
func (s search) matching(c *conditions, after history.Position) string {
	newest := `newest`
	c.add(true, `reset_letters(address) @@ CAST(? AS tsquery)`, lettersQuery(s.Part))
	s.has(c, `address`)
	c.add(!s.Since.IsZero(), `newest >= ?`, s.Since)
	for _, last := range []time.Time{s.Until, after.CreatedAt} {
		if !last.IsZero() {
			at := c.bind(last)
			c.where = append(c.where, `oldest <= `+at)
			newest = `least(` + newest + `, ` + at + `)`
		}
	}
	return `SELECT * FROM (SELECT address, ` + newest + ` AS newest FROM reset_addresses` + c.and("") + `) AS matching`
}

// inIndex is how many letters in a row the index of addresses has together.
const inIndex = 5

// lettersQuery asks that index for all letters of a part. Fewer than it has
// together are what some of these begin with.
func lettersQuery(part string) string {
	letters := []rune(part)
	if len(letters) < inIndex {
		return `'` + quoted.Replace(part) + `':*`
	}
	var all []string
	for at, last := 0, len(letters)-inIndex; at < last+inIndex; at += inIndex {
		begin := min(at, last)
		all = append(all, `'`+quoted.Replace(string(letters[begin:begin+inIndex]))+`'`)
	}
	return strings.Join(all, " & ")
}

// quoted makes what a query has a meaning for stand for itself.
var quoted = strings.NewReplacer(`'`, `''`, `\`, `\\`)
