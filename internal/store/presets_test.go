package store_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store/inspect"
	"resetd/internal/testkit"
)

// find returns the ids of the accounts for a typed address.
func (b shared) find(typed string) (ids []string) {
	b.Helper()
	address, err := reset.ParseAddress(typed)
	must(b, err)
	found, err := b.store.FindAccounts(b.Context(), address)
	must(b, err)
	for _, a := range found {
		ids = append(ids, a.ID)
	}
	b.sameAmongOthers(address, found)
	return ids
}

// sameAmongOthers checks that a search for several addresses finds the same accounts.
func (b shared) sameAmongOthers(address reset.Address, want []reset.Account) {
	b.Helper()
	each, err := b.store.FindEach(b.Context(), []reset.Address{testkit.Address(b, "nobody@example.org"), address, {}})
	must(b, err)
	if len(each[0]) != 0 || !slices.Equal(each[1], want) || len(each[2]) != 0 {
		b.Errorf("among others: found %v, want only %v", each, want)
	}
}

func (b shared) account(id string) reset.Account {
	b.Helper()
	a, err := b.store.Account(b.Context(), id)
	must(b, err)
	return a
}

func TestPresetsFindAccounts(t *testing.T) {
	eachApplication(t, func(b shared) {
		for typed, want := range map[string][]string{
			"User@Example.org":         {"1"},
			"USER@example.ORG":         {"1"},
			" user@example.org ":       {"1"},
			"ｕｓｅｒ@example.org":         {"1"}, // full width, the same in NFKC
			"jürgen@example.org":       {"3"},
			"JÜRGEN@EXAMPLE.ORG":       {"3"},
			"ju\u0308rgen@example.org": {"3"},
			"unusable@example.org":     {"5"},
			"away@example.org":         {"7"},
			"fırst@example.org":        nil, // a dotless i
			"first@example.com":        nil,
			"%@example.org":            nil,
			"user_@example.org":        nil,
		} {
			if diff := cmp.Diff(want, b.find(typed)); diff != "" {
				b.Errorf("%s: (-want +got)\n%s", typed, diff)
			}
		}
		if b.preset == "devise" {
			return // Devise stores addresses in lower case
		}
		if diff := cmp.Diff([]string{"9"}, b.find("ÖZIL@example.org")); diff != "" {
			b.Errorf("capitals beyond ASCII: (-want +got)\n%s", diff)
		}
		if b.preset == "laravel" && b.db.Name == "mysql" {
			return // the unique column ignores case
		}
		b.add(11, "Twin@example.org", "", true)
		if diff := cmp.Diff([]string{"11", "4"}, b.find("twin@example.org")); diff != "" {
			b.Errorf("two accounts: (-want +got)\n%s", diff)
		}
	})
}

func TestPresetsReadAccounts(t *testing.T) {
	eachApplication(t, func(b shared) {
		a, stored := b.account("1"), "User@Example.org"
		if b.preset == "devise" {
			stored = strings.ToLower(stored)
		}
		if a.ID != "1" || a.Email != stored || !a.Active || !b.hasher.Usable(a.PasswordHash) || (a.Name != "name1" && b.preset != "devise") {
			b.Errorf("got %+v: %q %q %q %t", a, a.Email, a.Name, a.PasswordHash, a.Active)
		}
		if b.hasher.Usable(b.account("5").PasswordHash) {
			b.Error("account 5 has a password")
		}
		if got := b.hasher.Usable(b.account("6").PasswordHash); got != b.named { // a format that resetd does not know
			b.Errorf("account 6 has a password: %t", got)
		}
		if got := b.account("7").Active; got == b.states {
			b.Errorf("account 7: active %t", got)
		}
		for _, id := range []string{"", "0", "99", "1x", "x", "99999999999999999999", "00000000-0000-0000-0000-000000000000"} {
			if a, err := b.store.Account(b.Context(), id); !errors.Is(err, reset.ErrNotFound) {
				b.Errorf("%q: got %v, %v, want %v", id, a, err, reset.ErrNotFound)
			}
		}
	})
}

func TestPresetsSetPasswordsAndEndSessions(t *testing.T) {
	eachApplication(t, func(b shared) {
		a := b.account("1")
		hash, err := b.hasher.Renew(b.Context(), password.ForReset, a.PasswordHash, wonderland)
		if err != nil || !strings.HasPrefix(hash, b.sets) {
			b.Fatalf("got %s, %v, want the prefix %s", hash, err, b.sets)
		}
		set := func(a reset.Account) error {
			return b.inTransaction(func(d reset.Directory) error {
				return d.SetPassword(b.Context(), a, reset.NewPassword{Hash: hash}, time.Now())
			})
		}
		changed := a
		changed.PasswordHash += "x"
		if err := set(changed); !errors.Is(err, reset.ErrAccountChanged) || b.account("1").PasswordHash != a.PasswordHash {
			b.Errorf("with a changed hash: got %v, want %v", err, reset.ErrAccountChanged)
		}
		must(b, set(a))
		if got := b.account("1").PasswordHash; got != hash {
			b.Errorf("stored %s, want %s", got, hash)
		}
		if right, err := b.hasher.Verify(b.Context(), password.ForReset, hash, wonderland); err != nil || !right {
			b.Errorf("%s does not verify: %v", hash, err)
		}
		if got := b.account("2").PasswordHash; got != b.hash {
			b.Errorf("the password of account 2 was changed")
		}
		for _, all := range []map[string]string{b.ended, b.others} {
			for query, want := range all {
				if got := b.db.Text(b.T, query); got != want {
					b.Errorf("%s: got %s, want %s", query, got, want)
				}
			}
		}
	})
}

// inTransaction runs f in a transaction of the accounts' database.
func (b shared) inTransaction(f func(reset.Directory) error) error {
	if b.store.TwoDatabases() {
		return b.store.InAccounts(b.Context(), f)
	}
	return b.store.InTx(b.Context(), func(tx reset.Tx) error { return f(tx) })
}

// resetd check must accept the statements.
func TestPresetsPassTheCheck(t *testing.T) {
	eachApplication(t, func(b shared) {
		b.passesTheCheck()
	})
}

func (b shared) inspector() *inspect.Inspector {
	b.Helper()
	look := inspect.Open
	if b.store.TwoDatabases() {
		look = inspect.OpenAccounts
	}
	i, err := look(b.db.URL, b.directory(b.T, b.db))
	must(b, err)
	return i
}

func (b shared) passesTheCheck() {
	b.Helper()
	i := b.inspector()
	defer func() { _ = i.Close() }()
	for _, f := range i.Try(b.Context(), inspect.Subject{}, time.Now()) {
		b.Errorf("%s: %v", f.Name, f)
	}
	if b.store.TwoDatabases() {
		return
	}
	tables, err := i.Tables(b.Context(), false)
	if err != nil || len(tables.Pending) != 0 || len(tables.Taken) != 0 {
		b.Errorf("tables: %+v, %v", tables, err)
	}
}

// Laravel before 10 has a table password_resets too. On PostgreSQL resetd can use a
// separate schema and still find the users.
func TestSeparateSchemaAvoidsNameConflicts(t *testing.T) {
	db := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	db.SQL(t, `CREATE TABLE password_resets (email varchar(255), token varchar(255)); CREATE SCHEMA resetd`)
	u, err := url.Parse(db.URL)
	must(t, err)
	q := u.Query()
	q.Set("search_path", "resetd,public")
	u.RawQuery = q.Encode()
	laravel := applications[slices.IndexFunc(applications, func(a application) bool { return a.preset == "laravel" })]
	b := newShared(t, laravel, db, testkit.Database{Name: db.Name, URL: u.String()})
	if diff := cmp.Diff([]string{"1"}, b.find("user@example.org")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := b.db.Text(t, `SELECT count(*) FROM information_schema.tables WHERE table_name = 'password_resets'`); got != "2" {
		t.Errorf("got %s tables password_resets, want Laravel's and ours", got)
	}
}

// The error must name the part of a custom directory file that is wrong.
func TestErrorsOfCustomDirectoryFiles(t *testing.T) {
	text, err := accounts.Preset("django")
	must(t, err)
	with := func(was, is string) string { return strings.ReplaceAll(string(text), was, is) }
	eachDatabaseOf(t, applications[0], func(b shared) {
		for want, text := range map[string]string{
			"find: column active is missing":                 with(", is_active AS active", ""),
			"find: column password_hash is missing":          with("password AS password_hash", "password"),
			"find: column first_name is not known to resetd": with("username AS name", "username AS name, first_name"),
			"nickname": with("username AS name", "nickname AS name"),
			"members":  with("auth_user", "members"),
		} {
			d, err := accounts.Parse([]byte(text))
			must(b, err)
			address, err := reset.ParseAddress("user@example.org")
			must(b, err)
			if _, err := open(b.T, b.db, d).FindAccounts(b.Context(), address); err == nil || !strings.Contains(err.Error(), want) {
				b.Errorf("got %v, want %s", err, want)
			}
		}
	})
}
