package store

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"resetd/internal/history"
)

// A part of an address is looked for among the newest rows first: what many
// addresses have in them is found so. What few have, an index of three letters
// each finds, but all of it, wherever it stands, to be sorted. So a glance says
// how much of it there is, and that which of the two costs less.
var glance = 5000

// What the index costs, in rows that a walk passes meanwhile: to be asked, and
// for each match, which is fetched to learn its time.
var askIndex, fetchMatch = 20_000, 20

func (s search) byPart(ctx context.Context, after history.Position, n int) ([]history.Position, error) {
	rows, left, err := s.indexedRows(ctx, after)
	if err != nil || left <= 2*askIndex {
		return s.walk(ctx, after, n)
	}
	found, enough, err := s.look(ctx, after, n, glance)
	if err != nil || enough {
		return found, err
	}
	if far := walkFor(n, len(found), rows); far > 0 {
		if found, enough, err = s.look(ctx, after, n, far); err != nil || enough {
			return found, err
		}
	}
	return s.byTrigrams(ctx, after, n)
}

// walkFor is how many rows a walk has to pass, with room for chance, where a
// glance found so many of n; 0 where the index costs less.
func walkFor(n, found, rows int) int {
	if found == 0 {
		return 0
	}
	far := glance * n / found
	if far > askIndex+fetchMatch*found*(rows/glance) {
		return 0
	}
	return 2 * far
}

var (
	letters = regexp.MustCompile(`[\p{L}\p{N}]{3}`)
	ascii   = regexp.MustCompile(`[a-z0-9]{3,}`) // are letters in every locale
)

// indexedRows is about how many rows the index of three letters each has, and
// how many of them are left behind a position, if each day has the same; none
// where there is no index, or the part has no such three.
func (s search) indexedRows(ctx context.Context, after history.Position) (rows, left int, err error) {
	if !letters.MatchString(s.Part) {
		return 0, 0, nil
	}
	k, err := s.kept(ctx)
	first, last := s.span(k, after)
	share := last.Sub(first).Seconds() / max(1, k.Newest.Sub(k.Oldest.Time).Seconds())
	return k.Indexed, int(float64(k.Indexed) * share), err
}

func (s search) byTrigrams(ctx context.Context, after history.Position, n int) (found []history.Position, err error) {
	if s.rarest, err = s.rareLetters(ctx); err != nil {
		return nil, err
	}
	return s.sorted(ctx, after, n)
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

// threeLetters are all in a part, once each.
func threeLetters(part string) (all []string) {
	for _, word := range ascii.FindAllString(part, -1) {
		for i := range len(word) - 2 {
			all = append(all, word[i:i+3])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
