package support

import (
	"slices"
	"testing"

	"resetd/internal/staff"
)

// Every action on a person leads to the page of that person.
func TestActionsOnAPersonLinkToThePerson(t *testing.T) {
	for _, action := range slices.Concat(personActions, checkActions) {
		l, err := line(page{}, staff.Entry{Action: action, Target: "customer/7"})
		if want := accountPath("customer/7"); err != nil || l.Path != want {
			t.Errorf("%s: got %q, %v, want %q", action, l.Path, err, want)
		}
	}
}
