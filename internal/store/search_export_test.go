package store

import "testing"

// NarrowSearches makes a few rows as many as a million, so that every way of
// searching is gone.
func NarrowSearches(t *testing.T) {
	few, many, rows, ask, fetch := fewMatches, manyMatches, glance, askIndex, fetchMatch
	fewMatches, manyMatches, glance, askIndex, fetchMatch = 2, 5, 7, 0, 1
	t.Cleanup(func() { fewMatches, manyMatches, glance, askIndex, fetchMatch = few, many, rows, ask, fetch })
}
