package accounts

import (
	"strconv"
	"testing"

	"resetd/internal/reset"
)

// Closed accounts must not take the places of those that get a link.
func TestActiveAccountsComeFirst(t *testing.T) {
	asked, err := reset.ParseAddress("family@example.org")
	if err != nil {
		t.Fatal(err)
	}
	var found []reset.Account
	for i := range reset.MaxAccounts + 2 {
		found = append(found, reset.Account{ID: strconv.Itoa(i), Email: "family@example.org", Active: i >= reset.MaxAccounts})
	}
	matching := Match(asked, found)
	var ids string
	for _, a := range matching {
		ids += a.ID
	}
	if ids != "56012" {
		t.Errorf("got %s, want the two active ones and the first of the others", ids)
	}
}
