package main

import (
	"fmt"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// addDjango adds accounts with these addresses.
func addDjango(t *testing.T, db testkit.Database, emails ...string) {
	t.Helper()
	rows := make([]string, len(emails))
	for i, email := range emails {
		rows[i] = fmt.Sprintf(`(%d, 'user%d', '%s', '%s', true, false, false, '', '', '2026-01-01')`, i+2, i+2, email, wonderlandHash)
	}
	db.SQL(t, `INSERT INTO auth_user (id, username, email, password, is_active, is_superuser, is_staff, first_name, last_name, date_joined)
		VALUES `+strings.Join(rows, ", "))
}

func TestCheckCountsAddressesThatGetNoEmail(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		addDjango(t, db, "taro..yamada@example.org", `"john doe"@example.org`, ".hanako@example.org", "x@my_host.example.org", strings.Repeat("a", 70)+"@example.org")
		checked(t, djangoEnv(db.URL)...).line("ok", "addresses", "all of 6 accounts")
	})
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		addDjango(t, db, "", "nonsense", "user@", "a@example.org, b@example.org", "user@exa mple.org", strings.Repeat("a", 250), "us\u202eer@example.org", "good@example.org")
		r := checked(t, djangoEnv(db.URL)...)
		r.line("note", "addresses", "of 9 accounts, 7 have an address that email can't be sent to")
		r.wrong("tables")
		r.never("nonsense")
	})
}

// Nobody types the blanks and the invisible characters that an address was stored with.
func TestCheckReportsAddressesWithCharactersThatNobodyTypes(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		addDjango(t, db, " lead@example.org ", "z@example.org\n", "n\u200b8@example.org", "good@example.org")
		r := checked(t, djangoEnv(db.URL)...)
		r.line("note", "addresses", "of 3 addresses with blanks or invisible characters, 3 are not found")
		r.never("lead@")
	})
}

func TestCheckSaysThatItReadASample(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		many := make([]string, 1001)
		for i := range many {
			many[i] = fmt.Sprintf("user%d@example.org", i)
		}
		addDjango(t, db, many...)
		checked(t, djangoEnv(db.URL)...).line("ok", "addresses", "all of 1000 accounts that were read; there may be more")
	})
}

func TestCheckReportsAddressesThatAreFoundInOneCaseOnly(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		addDjango(t, db, "groß@example.org", "Übér@example.org", "ASCII@example.org")
		missed := map[string]string{"sqlite": "of 2 addresses with letters beyond ASCII, 2", "postgres": "of 2 addresses with letters beyond ASCII, "}
		checked(t, djangoEnv(db.URL)...).line("note", "addresses", missed[db.Name], "not found", "small letters")
	})
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		addDjango(t, db, "übér@example.org", "ASCII@example.org")
		checked(t, djangoEnv(db.URL)...).line("ok", "addresses", "all of 3 accounts")
	})
}
