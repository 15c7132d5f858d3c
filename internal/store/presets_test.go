package store_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// application is an application that has its users already.
type application struct {
	preset string
	insert string // %d id, %s name, address, hash, whether active
	hash   string // of wonderland, see hashOfWonderland
	sets   string // how a new hash begins
	states bool   // it has accounts that are not active

	after  string            // what it keeps of a session, for the account with id 1 and 2
	ended  map[string]string // queries about account 1 after a reset, and their answers
	others map[string]string // queries about account 2, likewise
}

const wonderland = "wonderland"

var applications = []application{
	{
		preset: "django",
		insert: `INSERT INTO auth_user (id, username, email, password, is_active, is_superuser, is_staff, first_name, last_name, date_joined)
			VALUES (%d, '%s', '%s', '%s', %t, false, false, '', '', '2026-01-01')`,
		sets:   "pbkdf2_sha256$600000$",
		states: true,
	},
	{
		preset: "flask-bcrypt",
		insert: `INSERT INTO "user" (id, username, email, password) VALUES (%d, '%s', '%s', '%s') -- %t`,
		sets:   "$2b$12$",
	},
	{
		preset: "werkzeug",
		insert: `INSERT INTO "user" (id, username, email, password_hash) VALUES (%d, '%s', '%s', '%s') -- %t`,
		sets:   "scrypt:16384:8:5$",
	},
	{
		preset: "devise",
		insert: `INSERT INTO users (id, reset_password_token, email, encrypted_password, created_at, updated_at)
			VALUES (%d, '%s', lower('%s'), '%s', '2026-01-01', '2026-01-01') -- %t`,
		sets:   "$2a$12$",
		after:  `UPDATE users SET remember_created_at = '2026-01-01', reset_password_sent_at = '2026-01-01'`,
		ended:  map[string]string{`SELECT count(*) FROM users WHERE id = 1 AND reset_password_token IS NULL AND reset_password_sent_at IS NULL AND remember_created_at IS NULL`: "1"},
		others: map[string]string{`SELECT count(*) FROM users WHERE reset_password_token IS NOT NULL AND reset_password_sent_at IS NOT NULL AND remember_created_at IS NOT NULL`: "9"},
	},
	{
		preset: "laravel",
		insert: `INSERT INTO users (id, name, email, password) VALUES (%d, '%s', '%s', '%s') -- %t`,
		sets:   "$2y$10$",
		after: `UPDATE users SET remember_token = 'secret';
			INSERT INTO sessions (id, user_id, payload, last_activity) VALUES ('a', 1, '', 0), ('b', 1, '', 0), ('c', 2, '', 0), ('d', NULL, '', 0)`,
		ended: map[string]string{
			`SELECT length(remember_token) FROM users WHERE id = 1`:                       "60",
			`SELECT count(*) FROM sessions WHERE user_id = 1`:                             "0",
			`SELECT count(*) FROM sessions WHERE user_id = 2 OR user_id IS NULL`:          "2",
			`SELECT count(*) FROM users WHERE remember_token = 'secret' AND NOT (id = 1)`: "9",
		},
	},
}

// beside is resetd beside an application, on one database.
type beside struct {
	*testing.T
	application
	db     testkit.Database
	store  *store.Store
	hasher *password.Hasher
}

// eachApplication runs a test beside every application, on both databases.
func eachApplication(t *testing.T, test func(b beside)) {
	for _, a := range applications {
		t.Run(a.preset, func(t *testing.T) {
			t.Run("sqlite", func(t *testing.T) {
				test(newBeside(t, a, testkit.Database{Name: "sqlite", URL: "sqlite:" + filepath.Join(t.TempDir(), "app.db")}))
			})
			t.Run("postgres", func(t *testing.T) {
				test(newBeside(t, a, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}))
			})
		})
	}
}

func newBeside(t *testing.T, a application, db testkit.Database) beside {
	t.Helper()
	tables, err := os.ReadFile(filepath.Join("..", "accounts", "testdata", a.preset+"."+db.Name+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	directory, err := accounts.Load(a.preset)
	if err != nil {
		t.Fatal(err)
	}
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP, Scheme: directory.Scheme("")})
	if err != nil {
		t.Fatal(err)
	}
	b := beside{t, a, db, db.Open(t, directory), hasher}
	if err := b.store.MigrateUp(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	b.db.SQL(t, string(tables))
	b.hash = hashOfWonderland[a.preset]
	for id, account := range []struct {
		email, hash string
		inactive    bool
	}{
		1: {email: "User@Example.org"},
		2: {email: "other@example.org"},
		3: {email: "jürgen@example.org"},
		4: {email: "twin@example.org"},
		5: {email: "unusable@example.org", hash: "!"},
		6: {email: "odd@example.org", hash: "md5$salt$0123456789abcdef0123456789abcdef"},
		7: {email: "away@example.org", inactive: true},
		8: {email: "first@example.org"},
		9: {email: "ÖZIL@example.org"},
	} {
		if id > 0 {
			b.add(id, account.email, account.hash, !account.inactive)
		}
	}
	if b.after != "" {
		b.add(10, "last@example.org", "", true)
		b.db.SQL(t, b.after)
	}
	return b
}

// hashOfWonderland is what each application wrote, with next to no cost.
var hashOfWonderland = map[string]string{
	"django":       "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$JwK+Glss1XcTn6e1jnFc4uyEf4xQKYcRJH4Zxdyq5cM=",
	"werkzeug":     "scrypt:16384:8:1$abcdefghijklmnop$ecada9d5279650892f3787cc8ace9864a2b4faf189818da90eec20e73584f365c465516d5cf91ba743d00a182aded1756484005612acffc0ec3ff5c3f94ec40b",
	"flask-bcrypt": "$2b$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
	"devise":       "$2a$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
	"laravel":      "$2y$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
}

func (b beside) add(id int, email, hash string, active bool) {
	b.Helper()
	if hash == "" {
		hash = b.hash
	}
	b.db.SQL(b.T, fmt.Sprintf(b.insert, id, fmt.Sprint("name", id), email, hash, active))
}

// find returns the ids of the accounts for what somebody typed.
func (b beside) find(typed string) (ids []string) {
	b.Helper()
	address, err := reset.ParseAddress(typed)
	if err != nil {
		b.Fatal(err)
	}
	found, err := b.store.FindAccounts(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	for _, a := range found {
		ids = append(ids, a.ID)
	}
	return ids
}

func (b beside) account(id string) reset.Account {
	b.Helper()
	a, err := b.store.Account(b.Context(), id)
	if err != nil {
		b.Fatal(err)
	}
	return a
}

func TestPresetsFindAccounts(t *testing.T) {
	eachApplication(t, func(b beside) {
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
			return // it has put all in lower case
		}
		if diff := cmp.Diff([]string{"9"}, b.find("ÖZIL@example.org")); diff != "" {
			b.Errorf("capitals beyond ASCII: (-want +got)\n%s", diff)
		}
		b.add(11, "Twin@example.org", "", true)
		if diff := cmp.Diff([]string{"11", "4"}, b.find("twin@example.org")); diff != "" {
			b.Errorf("two accounts: (-want +got)\n%s", diff)
		}
	})
}

func TestPresetsReadAccounts(t *testing.T) {
	eachApplication(t, func(b beside) {
		a, stored := b.account("1"), "User@Example.org"
		if b.preset == "devise" {
			stored = strings.ToLower(stored)
		}
		if a.ID != "1" || a.Email != stored || !a.Active || !b.hasher.Usable(a.PasswordHash) || (a.Name != "name1" && b.preset != "devise") {
			b.Errorf("got %+v: %q %q %q %t", a, a.Email, a.Name, a.PasswordHash, a.Active)
		}
		for _, id := range []string{"5", "6"} {
			if b.hasher.Usable(b.account(id).PasswordHash) {
				b.Errorf("account %s has a password", id)
			}
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
	eachApplication(t, func(b beside) {
		a := b.account("1")
		hash, err := b.hasher.Renew(b.Context(), password.ForReset, a.PasswordHash, wonderland)
		if err != nil || !strings.HasPrefix(hash, b.sets) {
			b.Fatalf("got %s, %v, want %s at its beginning", hash, err, b.sets)
		}
		set := func(a reset.Account) error {
			return b.store.InTx(b.Context(), func(tx reset.Tx) error { return tx.SetPassword(b.Context(), a, hash, time.Now()) })
		}
		changed := a
		changed.PasswordHash += "x"
		if err := set(changed); !errors.Is(err, reset.ErrAccountChanged) || b.account("1").PasswordHash != a.PasswordHash {
			b.Errorf("the hash was another one: got %v, want %v", err, reset.ErrAccountChanged)
		}
		if err := set(a); err != nil {
			b.Fatal(err)
		}
		if got := b.account("1").PasswordHash; got != hash {
			b.Errorf("stored %s, want %s", got, hash)
		}
		if right, err := b.hasher.Verify(b.Context(), password.ForReset, hash, wonderland); err != nil || !right {
			b.Errorf("%s does not verify: %v", hash, err)
		}
		if got := b.account("2").PasswordHash; got != b.hash {
			b.Errorf("account 2 has another password")
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

// The statements as resetd check tries them.
func TestPresetsPassTheCheck(t *testing.T) {
	eachApplication(t, func(b beside) {
		directory, err := accounts.Load(b.preset)
		if err != nil {
			b.Fatal(err)
		}
		i, err := store.Inspect(b.db.URL, directory)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = i.Close() }()
		for _, f := range i.Statements(b.Context(), time.Now()) {
			b.Errorf("%s: %v", f.Name, f)
		}
		tables, err := i.Tables(b.Context(), false)
		if err != nil || len(tables.Pending) != 0 || len(tables.Taken) != 0 {
			b.Errorf("tables: %+v, %v", tables, err)
		}
	})
}

// Laravel before 10 has a table of the name of one of ours. On PostgreSQL a
// schema of resetd's own keeps them apart, and finds the users all the same.
func TestASchemaOfItsOwn(t *testing.T) {
	url := testkit.EmptyPostgres(t)
	b := newBesideIn(t, "laravel", testkit.Database{Name: "postgres", URL: url})
	if diff := cmp.Diff([]string{"1"}, b.find("user@example.org")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := b.db.Text(t, `SELECT count(*) FROM public.password_resets`); got != "0" {
		t.Errorf("%s rows", got)
	}
}

func newBesideIn(t *testing.T, preset string, db testkit.Database) beside {
	t.Helper()
	db.SQL(t, `CREATE TABLE password_resets (email varchar(255), token varchar(255)); CREATE SCHEMA resetd`)
	separator := "?"
	if strings.Contains(db.URL, "?") {
		separator = "&"
	}
	apart := testkit.Database{Name: db.Name, URL: db.URL + separator + "search_path=resetd,public"}
	i := slices.IndexFunc(applications, func(a application) bool { return a.preset == preset })
	tables, err := os.ReadFile(filepath.Join("..", "accounts", "testdata", preset+".postgres.sql"))
	if err != nil {
		t.Fatal(err)
	}
	db.SQL(t, string(tables))
	directory, err := accounts.Load(preset)
	if err != nil {
		t.Fatal(err)
	}
	b := beside{T: t, application: applications[i], db: db, store: apart.Open(t, directory)}
	if err := b.store.MigrateUp(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	b.add(1, "user@example.org", "$2y$10$", true)
	return b
}

// A file of one's own that lacks something: the error says what.
func TestAFileOfOnesOwnThatIsWrong(t *testing.T) {
	text, err := accounts.Preset("django")
	if err != nil {
		t.Fatal(err)
	}
	with := func(was, is string) string { return strings.ReplaceAll(string(text), was, is) }
	eachApplication(t, func(b beside) {
		if b.preset != "django" {
			b.Skip("one is enough")
		}
		for want, text := range map[string]string{
			"find: column active is missing":                    with(", is_active AS active", ""),
			"find: column password_hash is missing":             with("password AS password_hash", "password"),
			"find: column first_name is none that resetd knows": with("username AS name", "username AS name, first_name"),
			"nickname": with("username AS name", "nickname AS name"),
			"members":  with("auth_user", "members"),
		} {
			d, err := accounts.Parse([]byte(text))
			if err != nil {
				b.Fatal(err)
			}
			address, err := reset.ParseAddress("user@example.org")
			if err != nil {
				b.Fatal(err)
			}
			if _, err := b.db.Open(b.T, d).FindAccounts(b.Context(), address); err == nil || !strings.Contains(err.Error(), want) {
				b.Errorf("got %v, want %s", err, want)
			}
		}
	})
}
