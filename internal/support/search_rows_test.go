package support

import (
	"strings"
	"testing"
)

func TestPiecesJoinToTheAddress(t *testing.T) {
	for address, pieces := range map[string]string{
		"anna.smith@mail.example.org": "anna.smith|@mail.example.org",
		"2001:db8:0:1::5":             "2001:|db8:|0:|1::|5",
		"::1":                         "::|1",
		"203.0.113.9":                 "203.0.113.9",
		"@":                           "@",
		"":                            "",
	} {
		if got := strings.Join(page{}.Pieces(address), "|"); got != pieces {
			t.Errorf("%q: got %q, want %q", address, got, pieces)
		}
	}
}

// Each order takes a search through all accounts.
func TestOnlyNamesAreLookedForInOtherOrders(t *testing.T) {
	for text, want := range map[string]int{"anna": 1, "anna smith": 2, "van der berg": 3, "+49 30 123456": 1, "Ticket 771": 1} {
		if got := len(orders(text)); got != want {
			t.Errorf("%q: got %d orders, want %d", text, got, want)
		}
	}
}
