package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"resetd/internal/reset"
)

// indexes returns the positions of the resets in ids.
func indexes(resets []reset.Reset, ids []reset.ID) string {
	var places []string
	for _, r := range resets {
		places = append(places, fmt.Sprint(slices.Index(ids, r.ID)))
	}
	return strings.Join(places, " ")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
