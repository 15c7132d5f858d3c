package timing

import (
	"testing"

	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/testkit"
)

// The addresses must have the properties of their kind. Otherwise the measurement would
// be meaningless.
func TestWorldHasItsKindsOfAddresses(t *testing.T) {
	at := testkit.SQLite(t)
	w, err := prepare(t.Context(), options{requests: 3 * uses}, at)
	if err != nil {
		t.Fatal(err)
	}
	s := testkit.Database{Name: "sqlite", URL: at}.Open(t)
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name           string
		addresses      []string
		there          int
		active, usable bool
	}{
		{"known", w.known, 1, true, true},
		{"throttled", w.throttled, 1, true, true},
		{"unknown", w.unknown, 0, false, false},
		{"inactive", w.inactive, 1, false, true},
		{"no password", w.without, 1, true, false},
	} {
		if len(tt.addresses) != 3 {
			t.Errorf("%s: %d addresses, want 3", tt.name, len(tt.addresses))
		}
		for _, typed := range tt.addresses {
			address, err := reset.ParseAddress(typed)
			if err != nil || len(typed) != len(w.known[0]) {
				t.Fatalf("%s: %q: %v", tt.name, typed, err)
			}
			found, err := s.FindAccounts(t.Context(), address)
			if err != nil || len(found) != tt.there {
				t.Fatalf("%s: found %v %v, want %d", tt.name, found, err, tt.there)
			}
			if tt.there == 1 && (found[0].Active != tt.active || hasher.Usable(found[0].PasswordHash) != tt.usable) {
				t.Errorf("%s: active %v, want %v; password usable: want %v", tt.name, found[0].Active, tt.active, tt.usable)
			}
		}
	}
}
