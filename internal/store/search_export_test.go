package store

import "testing"

// NarrowSearches makes a few rows as many as a million, so that every way of
// searching is gone.
func NarrowSearches(t *testing.T) {
	rare, few, matches, many := rareMatches, fewRows, fewMatches, manyMatches
	rows, ask, fetch, addresses := glance, askAddresses, fetchMatch, fewAddresses
	rareMatches, fewRows, fewMatches, manyMatches = 2, 3, 2, 5
	glance, askAddresses, fetchMatch, fewAddresses = 7, -1, 1, 2
	t.Cleanup(func() {
		rareMatches, fewRows, fewMatches, manyMatches = rare, few, matches, many
		glance, askAddresses, fetchMatch, fewAddresses = rows, ask, fetch, addresses
	})
}
