package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/accounts"
	"resetd/internal/password"
	"resetd/internal/store"
	"resetd/internal/testkit"
)

// application is an application with users.
type application struct {
	preset string // RESETD_ACCOUNTS
	file   string // of its tables, if not the preset's name
	script string // adds all rows; without it insert does
	insert string // %d id, %s name, address, hash, whether active
	hash   string // of wonderland, see hashOfWonderland
	sets   string // the prefix of a new hash
	states bool   // its accounts can be inactive
	named  bool   // the preset names a format, so other hashes are older ones

	after  string            // adds sessions and tokens for the accounts 1 and 2
	ended  map[string]string // queries about account 1 after a reset, and their answers
	others map[string]string // the same queries about the other accounts
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
		named:  true,
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
		named:  true,
		after:  `UPDATE users SET remember_created_at = '2026-01-01', reset_password_sent_at = '2026-01-01'`,
		ended:  map[string]string{`SELECT count(*) FROM users WHERE id = 1 AND reset_password_token IS NULL AND reset_password_sent_at IS NULL AND remember_created_at IS NULL`: "1"},
		others: map[string]string{`SELECT count(*) FROM users WHERE reset_password_token IS NOT NULL AND reset_password_sent_at IS NOT NULL AND remember_created_at IS NOT NULL`: "9"},
	},
	{
		preset: "laravel",
		insert: `INSERT INTO users (id, name, email, password) VALUES (%d, '%s', '%s', '%s') -- %t`,
		sets:   "$2y$10$",
		after: `UPDATE users SET remember_token = 'secret';
			INSERT INTO password_reset_tokens (email, token) VALUES ('User@Example.org', 'a'), ('other@example.org', 'b');
			INSERT INTO sessions (id, user_id, payload, last_activity) VALUES ('a', 1, '', 0), ('b', 1, '', 0), ('c', 2, '', 0), ('d', NULL, '', 0)`,
		ended: map[string]string{
			`SELECT length(remember_token) FROM users WHERE id = 1`:                       "60",
			`SELECT count(*) FROM sessions WHERE user_id = 1`:                             "0",
			`SELECT min(email) FROM password_reset_tokens`:                                "other@example.org",
			`SELECT count(*) FROM sessions WHERE user_id = 2 OR user_id IS NULL`:          "2",
			`SELECT count(*) FROM users WHERE remember_token = 'secret' AND NOT (id = 1)`: "9",
		},
	},
	{
		preset: "wordpress",
		insert: `INSERT INTO wp_users (ID, user_login, user_email, user_pass, user_activation_key) VALUES (%d, '%s', '%s', '%s', '1790000000:key') -- %t`,
		sets:   "$2y$10$",
		named:  true,
		ended:  map[string]string{`SELECT count(*) FROM wp_users WHERE ID = 1 AND user_activation_key = ''`: "1"},
		others: map[string]string{`SELECT count(*) FROM wp_users WHERE user_activation_key = '1790000000:key'`: "9"},
	},
}

// shared is resetd and an application on one database.
type shared struct {
	*testing.T
	application
	db     testkit.Database
	store  *store.Store
	hasher *password.Hasher
}

// eachApplication runs a test with every application, on every database that it has.
func eachApplication(t *testing.T, test func(b shared)) {
	for _, a := range applications {
		t.Run(a.preset, func(t *testing.T) {
			t.Parallel()
			eachDatabaseOf(t, a, test)
		})
	}
}

func eachDatabaseOf(t *testing.T, a application, test func(b shared)) {
	for name, url := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "app.db") },
		"postgres": testkit.EmptyPostgres,
		"mysql":    func(t *testing.T) string { return testkit.MariaDB(t) },
	} {
		if _, err := os.Stat(a.tables(name)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			db := testkit.Database{Name: name, URL: url(t)}
			test(newShared(t, a, db, db))
		})
	}
}

// tables is the file with the statements that create an application's tables.
func (a application) tables(database string) string {
	name, _, _ := strings.Cut(a.preset, ",")
	return filepath.Join("..", "accounts", "testdata", cmp.Or(a.file, name)+"."+database+".sql")
}

// newShared creates the application's tables, opens the database as resetd does
// and then creates resetd's tables; beside MariaDB in a file of SQLite.
func newShared(t *testing.T, a application, db, opened testkit.Database) shared {
	t.Helper()
	tables, err := os.ReadFile(a.tables(db.Name))
	must(t, err)
	db.SQL(t, statements(string(tables))...)
	directory := a.directory(t, db)
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP, Scheme: directory.Scheme("")})
	must(t, err)
	b := shared{t, a, db, open(t, opened, directory), hasher}
	b.hash = cmp.Or(a.hash, hashOfWonderland[a.preset])
	must(t, b.store.MigrateUp(t.Context(), false))
	b.fill()
	return b
}

// directory reads the preset for a database.
func (a application) directory(t *testing.T, db testkit.Database) accounts.Directory {
	t.Helper()
	d, err := accounts.Load(a.preset)
	must(t, err)
	if db.Name == "mysql" {
		d = d.OnMySQL()
	}
	return d
}

func open(t *testing.T, db testkit.Database, d accounts.Directory) *store.Store {
	t.Helper()
	if db.Name != "mysql" {
		return db.Open(t, d)
	}
	s, err := store.OpenWithAccounts(testkit.SQLite(t), db.URL, d)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// statements splits a script.
func statements(script string) (all []string) {
	for s := range strings.SplitSeq(script, ";") {
		if strings.TrimSpace(s) != "" {
			all = append(all, s)
		}
	}
	return all
}

func (b shared) fill() {
	b.Helper()
	if b.script == "" {
		b.people()
		return
	}
	script := fmt.Sprintf(b.script, b.hash)
	if b.db.Name == "mysql" {
		script = strings.ReplaceAll(script, `"`, "`")
	}
	b.db.SQL(b.T, statements(script)...)
}

func (b shared) people() {
	b.Helper()
	b.add(1, "User@Example.org", "", true)
	b.add(2, "other@example.org", "", true)
	b.add(3, "jürgen@example.org", "", true)
	b.add(4, "twin@example.org", "", true)
	b.add(5, "unusable@example.org", "!", true)
	b.add(6, "odd@example.org", "md5$salt$0123456789abcdef0123456789abcdef", true)
	b.add(7, "away@example.org", "", false)
	b.add(8, "first@example.org", "", true)
	b.add(9, "ÖZIL@example.org", "", true)
	b.add(10, "last@example.org", "", true)
	if b.after != "" {
		b.db.SQL(b.T, statements(b.after)...)
	}
}

// hashOfWonderland is each application's hash of wonderland, with a low cost.
var hashOfWonderland = map[string]string{
	"django":       "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$JwK+Glss1XcTn6e1jnFc4uyEf4xQKYcRJH4Zxdyq5cM=",
	"werkzeug":     "scrypt:16384:8:1$abcdefghijklmnop$ecada9d5279650892f3787cc8ace9864a2b4faf189818da90eec20e73584f365c465516d5cf91ba743d00a182aded1756484005612acffc0ec3ff5c3f94ec40b",
	"flask-bcrypt": "$2b$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
	"devise":       "$2a$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
	"laravel":      "$2y$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
	"wordpress":    "$2y$04$abcdefghijklmnopqrstuujZkTwHUiJ9XdZPwKfcfDo7dMp5DjlTu",
}

func (b shared) add(id int, email, hash string, active bool) {
	b.Helper()
	if hash == "" {
		hash = b.hash
	}
	b.db.SQL(b.T, fmt.Sprintf(b.insert, id, fmt.Sprint("name", id), email, hash, active))
}
