package store_test

import (
	"strings"
	"testing"

	"resetd/internal/accounts"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

const latin = `
	hash         = "argon2id"
	find         = '''SELECT id, email, name, password AS password_hash, true AS active FROM members WHERE lower(email) IN (lower($1), $2, $3)'''
	get          = '''SELECT id, email, name, password AS password_hash, true AS active FROM members WHERE id = $1'''
	set_password = '''UPDATE members SET password = $2 WHERE id = $1 AND password = $3'''
	search       = '''SELECT id, email, name, password AS password_hash, true AS active FROM members WHERE email LIKE concat('%', lower($1), '%')'''
	find_many    = true
`

// A column or a database may have no place for what somebody types, such as an emoji.
// Then no account has this address. It is no fault of the statement, and other requests
// of the batch get their links.
func TestAddressesThatAColumnCannotHold(t *testing.T) {
	for name, at := range map[string]string{"mysql": testkit.MariaDB(t), "postgres": latinDatabase(t)} {
		t.Run(name, func(t *testing.T) {
			db := testkit.Database{Name: name, URL: at}
			db.SQL(t, strings.Replace(`CREATE TABLE members (id integer, email varchar(99) LATIN, name varchar(99) LATIN, password varchar(99))`, "LATIN", map[string]string{"mysql": "CHARACTER SET latin1"}[name], 2),
				`INSERT INTO members VALUES (7, 'jürgen@example.org', '', 'x'), (8, 'other@example.org', '', 'x')`)
			d, err := accounts.Parse([]byte(latin))
			must(t, err)
			s, err := store.OpenWithAccounts(testkit.SQLite(t), at, d)
			must(t, err)
			defer func() { _ = s.Close() }()
			var asked []reset.Address
			for _, typed := range []string{"JÜRGEN@example.org", "😀@example.org", "ß→@example.org", "other@example.org"} {
				asked = append(asked, testkit.Address(t, typed))
			}
			found, err := s.FindEach(t.Context(), asked)
			must(t, err)
			if len(found[0]) != 1 || len(found[1]) != 0 || len(found[2]) != 0 || len(found[3]) != 1 {
				t.Errorf("found %v", found)
			}
			for part, want := range map[string]int{"rgen": 1, "😀": 0} {
				if found, err := s.SearchAccounts(t.Context(), part); err != nil || len(found) != want {
					t.Errorf("%s: found %v, %v", part, found, err)
				}
			}
		})
	}
}

// latinDatabase returns the URL of a database with the encoding LATIN1.
func latinDatabase(t *testing.T) string {
	t.Helper()
	at, drop, err := testkit.NewPostgres(t.Context(), " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
	must(t, err)
	t.Cleanup(drop)
	return at
}
