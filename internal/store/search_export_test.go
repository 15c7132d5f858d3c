package store

import "testing"

// NarrowSearches makes a few rows as many as a million, so that every way of
// searching is gone.
func NarrowSearches(t *testing.T) {
	rare, matches, many := rareMatches, fewMatches, manyMatches
	rows, ask, fetch, addresses := glance, askAddresses, fetchMatch, fewAddresses
	rareMatches, fewMatches, manyMatches = 2, 2, 5
	glance, askAddresses, fetchMatch, fewAddresses = 7, -1, 1, 2
	t.Cleanup(func() {
		rareMatches, fewMatches, manyMatches = rare, matches, many
		glance, askAddresses, fetchMatch, fewAddresses = rows, ask, fetch, addresses
	})
}
