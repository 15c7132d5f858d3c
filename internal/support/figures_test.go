package support

import (
	"testing"

	"resetd/internal/web"
)

// A share of 0 % means that there is none, and 100 % that it is all.
func TestSmallSharesAreNotNothing(t *testing.T) {
	view := overviewView{page: page{Page: web.Page{Words: english(t)}}}
	for want, of := range map[string][2]int{
		"under 1 %": {511, 175_629}, "over 99 %": {175_628, 175_629}, "0 %": {0, 9}, "100 %": {9, 9}, "1 %": {1, 100}, "99 %": {99, 100}, "–": {0, 0},
	} {
		if got, err := view.share(of[0], of[1]); err != nil || got != want {
			t.Errorf("%v: got %q, %v; want %q", of, got, err, want)
		}
	}
}
