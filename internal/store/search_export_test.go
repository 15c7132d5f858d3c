package store

import "testing"

// NarrowSearches makes a few rows as many as a million, so that every way of
// searching is gone.
func NarrowSearches(t *testing.T) {
	rare, few, matches, many := rareMatches, fewRows, fewMatches, manyMatches
	rows, ask, fetch := glance, askIndex, fetchMatch
	rareMatches, fewRows, fewMatches, manyMatches = 2, 3, 2, 5
	glance, askIndex, fetchMatch = 7, 0, 1
	t.Cleanup(func() {
		rareMatches, fewRows, fewMatches, manyMatches = rare, few, matches, many
		glance, askIndex, fetchMatch = rows, ask, fetch
	})
}
