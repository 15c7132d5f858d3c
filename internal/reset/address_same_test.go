package reset_test

import (
	"testing"

	"resetd/internal/reset"
)

func TestAddressMeansOneAccount(t *testing.T) {
	for _, c := range []struct {
		typed  string
		stored []string
		want   string // the address of the account; empty: none
	}{
		{"user@example.org", nil, ""},
		{"user@example.org", []string{"User@Example.org"}, "User@Example.org"},
		{"ｕser@example.org", []string{"user@example.org"}, "user@example.org"},
		{"ｕser@example.org", []string{"user@example.org", "ｕser@example.org"}, "ｕser@example.org"},
		{"USER@example.org", []string{"user@example.org", "ｕser@example.org"}, "user@example.org"},
		{"uｓer@example.org", []string{"user@example.org", "ｕser@example.org"}, ""},
		{"user@example.org", []string{"user@example.org", "User@example.org"}, ""},
	} {
		address, err := reset.ParseAddress(c.typed)
		if err != nil {
			t.Fatal(err)
		}
		var found []reset.Account
		for _, email := range c.stored {
			found = append(found, reset.Account{ID: email, Email: email})
		}
		if got := address.Only(found); got.Email != c.want {
			t.Errorf("%s of %q: got %q, want %q", c.typed, c.stored, got.Email, c.want)
		}
	}
}
