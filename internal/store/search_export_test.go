package store

import "testing"

// NarrowSearches makes a few rows as many as a million, so that every way of
// searching is gone.
func NarrowSearches(t *testing.T) {
	few, matches, many, rows, ask, fetch := fewRows, fewMatches, manyMatches, glance, askIndex, fetchMatch
	fewRows, fewMatches, manyMatches, glance, askIndex, fetchMatch = 3, 2, 5, 7, 0, 1
	t.Cleanup(func() {
		fewRows, fewMatches, manyMatches, glance, askIndex, fetchMatch = few, matches, many, rows, ask, fetch
	})
}
