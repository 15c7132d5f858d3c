package store

import (
	"context"
	"regexp"
	"slices"
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
	rarest, err := s.rareLetters(ctx)
	if err != nil {
		return nil, err
	}
	for most := fewAddresses; ; most *= 16 {
		found, rest, err := s.ofAddresses(ctx, rarest, after, n, most)
		if err != nil || rest.IsZero() || len(found) == n {
			return found, err
		}
	}
}

// ofAddresses finds the newest resets of so many addresses, but none that is as
// old as those that the other addresses may have. Rest is the newest of these,
// zero where there is no other address.
func (s search) ofAddresses(ctx context.Context, rarest []string, after history.Position, n, most int) (found []history.Position, rest time.Time, err error) {
	var c conditions
	addresses := s.matching(&c, rarest, after) + ` ORDER BY newest DESC LIMIT ` + c.bind(most)
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
func (s search) matching(c *conditions, rarest []string, after history.Position) string {
	newest := `newest`
	s.has(c, `address`, rarest...)
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

const (
	rareLetters = 3   // are as good as all: each more is one more list to go through
	sampled     = 500 // addresses tell which are rare
)

// rareLetters are those three letters in a row of the part that the fewest of
// the newest addresses have in them. It returns none where the part has few.
func (s search) rareLetters(ctx context.Context) ([]string, error) {
	threes := threeLetters(s.Part)
	if len(threes) <= rareLetters {
		return nil, nil
	}
	var addresses []string
	if err := s.list(ctx, &addresses, `SELECT email FROM password_resets ORDER BY created_at DESC, id DESC LIMIT $1`, sampled); err != nil {
		return nil, err
	}
	have := map[string]int{}
	for _, three := range threes {
		for _, address := range addresses {
			if strings.Contains(address, three) {
				have[three]++
			}
		}
	}
	slices.SortStableFunc(threes, func(a, b string) int { return have[a] - have[b] })
	return threes[:rareLetters], nil
}

// letters are such in every locale.
var letters = regexp.MustCompile(`[a-z0-9]{3,}`)

// threeLetters are all in a part, once each.
func threeLetters(part string) (all []string) {
	for _, word := range letters.FindAllString(part, -1) {
		for i := range len(word) - 2 {
			all = append(all, word[i:i+3])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
