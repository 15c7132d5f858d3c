package store

import "testing"

// NarrowSearches makes a few rows as many as a million, so that every way of
// searching is gone.
func NarrowSearches(t *testing.T) {
	many, first := manyMatches, firstStride
	manyMatches, firstStride = 5, 2
	t.Cleanup(func() { manyMatches, firstStride = many, first })
}
