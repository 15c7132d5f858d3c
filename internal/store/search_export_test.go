package store

import "testing"

// NarrowSearches makes a few rows as many as a million, so that every way of
// searching is gone.
func NarrowSearches(t *testing.T) {
	few, many, rows := fewMatches, manyMatches, glance
	fewMatches, manyMatches, glance = 2, 5, 7
	t.Cleanup(func() { fewMatches, manyMatches, glance = few, many, rows })
}
