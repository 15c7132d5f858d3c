package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/testkit"
	"resetd/internal/users"
)

func idsOf(found []reset.Account) (ids []string) {
	for _, a := range found {
		ids = append(ids, a.ID)
	}
	slices.Sort(ids)
	return ids
}

// A part of a name or an address finds accounts. %, _, ! and \ are ordinary characters.
func TestPresetsSearchAccounts(t *testing.T) {
	eachApplication(t, func(b shared) {
		b.found(map[string][]string{"OTHER@": {"2"}, "first@": {"8"}, "jürgen": {"3"}, "nobody": nil, "%": nil, "e%e": nil, "fi_st": nil, `\`: nil, "!": nil})
		if b.preset != "devise" { // it has no names
			b.found(map[string][]string{"NAME7": {"7"}, "n_me7": nil})
		}
	})
}

// found checks which accounts are found for a part of their name or address.
func (b shared) found(wanted map[string][]string) {
	b.Helper()
	for part, want := range wanted {
		found, err := b.store.SearchAccounts(b.Context(), part)
		must(b, err)
		if diff := cmp.Diff(want, idsOf(found)); diff != "" {
			b.Errorf("%q: (-want +got)\n%s", part, diff)
		}
	}
}

func TestDjangoAccountsAreSearchedByFullName(t *testing.T) {
	eachDatabaseOf(t, applications[0], func(b shared) {
		b.db.SQL(b.T, `UPDATE auth_user SET first_name = 'Grace', last_name = 'Example_Person' WHERE id = 2`)
		b.found(map[string][]string{"example_pers": {"2"}, "grace example": {"2"}})
		found, err := b.store.SearchAccounts(b.Context(), "grace")
		if err != nil || found[0].Name != "Grace Example_Person name2" {
			b.Errorf("got %q, %v", found[0].Name, err)
		}
	})
}

func TestBuiltinAccountsAreSearched(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		s := db.Open(t)
		for _, u := range []struct{ email, name string }{{"first@example.org", "First_Example"}, {"second@example.org", "50% Example"}} {
			user := users.New(testkit.Address(t, u.email), u.name, "hash", testkit.NewClock().Now())
			must(t, s.AddUser(t.Context(), user))
		}
		for part, want := range map[string]int{"example": 2, "FIRST_": 1, "50%": 1, "d@EXAMPLE": 1, "%": 1, "_": 1, "nobody": 0, "": 2} {
			found, err := s.SearchAccounts(t.Context(), part)
			if err != nil || len(found) != want {
				t.Errorf("%q: got %d accounts, %v, want %d", part, len(found), err, want)
			}
		}
	})
}

// A directory without the statement search finds nothing by it, and a statement that
// fails is named.
func TestSearchIsOptional(t *testing.T) {
	eachDatabaseOf(t, applications[0], func(b shared) {
		text, err := accounts.Preset("django")
		must(b, err)
		d, err := accounts.Parse(text)
		must(b, err)
		d.Search = ""
		if found, err := open(b.T, b.db, d).SearchAccounts(b.Context(), "name"); err != nil || found != nil {
			b.Errorf("without the statement: got %v, %v", found, err)
		}
		d.Search = "SELECT nothing FROM auth_user WHERE username = $1"
		if _, err := open(b.T, b.db, d).SearchAccounts(b.Context(), "name"); err == nil || !strings.Contains(err.Error(), "accounts: search: ") {
			b.Errorf("got %v, want an error that names the statement", err)
		}
	})
}
