package main

import (
	"cmp"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// oddTable and oddFile are an application's accounts, which are right; each case changes
// them.
const (
	oddTable = `CREATE TABLE members (id integer, email varchar(99), password varchar(99), status varchar(9), closed integer)`
	oddFile  = `
		hash          = "bcrypt"
		hash_cost     = 10
		find          = '''SELECT id, email, NULL AS name, password AS password_hash, status = 'active' AS active FROM members WHERE lower(email) IN (lower($1), $2)'''
		get           = '''SELECT id, email, NULL AS name, password AS password_hash, status = 'active' AS active FROM members WHERE id = $1'''
		set_password  = '''UPDATE members SET password = $2 WHERE id = $1 AND password = $3'''
		sample        = '''SELECT id, email, NULL AS name, password AS password_hash, status = 'active' AS active FROM members WHERE id > 0'''
		ends_sessions = true
`
)

type oddCase struct {
	on     string   // the databases, if not all
	tables []string // pairs to replace in oddTable
	more   []string // further statements; "refuses" is a trigger that refuses changes
	file   []string // pairs to replace in oddFile
	want   []string // state, subject and words of a line
	rows   string   // a table that keeps its only row
}

var (
	toActive = []string{"status = 'active'", "status"}
	toArgon  = []string{`"bcrypt"`, `"argon2id"`, "hash_cost", "# "}
	toParts  = []string{`"bcrypt"`, `"match"`, "hash_cost", "# ", "SET password = $2", "SET password = $key_hex"}
	setRow   = "UPDATE members SET password = $2 WHERE id = $1 AND password = $3"
)

var oddCases = map[string]oddCase{
	"nothing odd":                   {want: []string{"ok", "accounts", "find, get, set_password work"}},
	"a text in the place of active": {file: toActive, want: []string{"WRONG", "accounts", "column active has a type that does not fit", "write a comparison, such as status = 'active' AS active"}},
	"an enum":                       {on: "mysql", tables: []string{"status varchar(9)", "status enum('N', 'active')"}, file: toActive, want: []string{"WRONG", "accounts", "column active", "write a comparison"}},
	"active says who may not":       {file: []string{"status = 'active'", "closed"}, want: []string{"WRONG", "sign-in", "of 2 accounts, none is active", "write NOT before it"}},
	"most accounts are closed":      {more: []string{`INSERT INTO members VALUES (9, 'c@example.org', 'x', 'off', 0), (10, 'd@example.org', 'x', 'off', 0), (11, 'e@example.org', 'x', 'off', 0)`}, want: []string{"note", "sign-in", "of 5 accounts, 3 are not active"}},
	"the only account is closed":    {more: []string{`UPDATE members SET status = 'off' WHERE id = 7`}, file: []string{"id > 0", "id = 7"}, want: []string{"note", "sign-in", "of 1 account, 1 is not active and gets no link"}},
	"find compares case":            {on: "sqlite postgres", file: []string{"lower(email) IN (lower($1), $2)", "email = $1"}, want: []string{"note", "addresses", "of 2 addresses, 2 are not found when they are typed in capital or in small letters", "lower(email) IN (lower($1), $2, $3)"}},
	"find misses the other form of a domain": {
		more: []string{`UPDATE members SET email = 'user@xn--bcher-kva.example' WHERE id = 7`, `UPDATE members SET email = 'other@bücher.example' WHERE id = 8`},
		file: []string{"lower(email) IN (lower($1), $2)", "email = $1"}, want: []string{"note", "addresses", "of 2 addresses with a domain beyond ASCII, 2 are not found when the domain is typed in its other form", "IN (lower($1), $2, $3)"},
	},
	"find has both forms of a domain": {
		more: []string{`UPDATE members SET email = 'user@xn--bcher-kva.example' WHERE id = 7`, `UPDATE members SET email = 'other@bücher.example' WHERE id = 8`},
		file: []string{"$2)", "$2, $3)"}, want: []string{"ok", "addresses", "email can be sent to all"},
	},
	"a collation that compares case": {
		on: "mysql", tables: []string{"email varchar(99)", "email varchar(99) COLLATE utf8mb4_bin"}, file: []string{"lower(email) IN (lower($1), $2)", "email = $1"},
		want: []string{"note", "addresses", "not found when they are typed in capital or in small letters"},
	},
	"sessions of all accounts":        {more: []string{`CREATE TABLE sessions (member integer)`}, file: []string{"ends_sessions", "after_reset = ['DELETE FROM sessions WHERE member = $1', 'DELETE FROM sessions']\nends_sessions"}, want: []string{"note", "accounts", "after_reset, statement 2, does not name $1", "of all accounts"}},
	"parts of a hash, and no account": {more: []string{`DELETE FROM members`, `INSERT INTO members (id, email, password) VALUES (7, 'a@example.org', '!$2b$12$'), (8, 'b@example.org', '!$2b$12$')`}, file: toParts, want: []string{"ok", "accounts", "find, get, set_password work"}},
	"parts of a hash that has none":   {file: toParts, want: []string{"WRONG", "accounts", "get after set_password", "does not match"}},
	"hashes that nobody writes":       {more: []string{`UPDATE members SET password = '5baa61e4c9b93f3f0682250b6cf8331b7ee68fd8$2b$12$'`}, file: toParts, want: []string{"WRONG", "hashes", "2 of a format that resetd does not write (no link for these); resetd can't write"}},
	"another prefix of bcrypt":        {file: []string{"hash_cost ", "hash_prefix = '$2a$'\nhash_cost "}, want: []string{"WRONG", "hashes", "2 bcrypt $2b$; new hashes would be bcrypt $2a$", `set hash_prefix in RESETD_ACCOUNTS to "$2b$"`}},
	"accounts that find leaves out": {
		more: []string{`INSERT INTO members VALUES (1, NULL, 'x', 'active', 0), (2, 'off2@example.org', 'x', 'active', 1), (3, 'off3@example.org', 'x', 'active', 1), (4, 'off4@example.org', 'x', 'active', 1)`},
		file: []string{"lower(email) IN (lower($1), $2)", "email = $1 AND closed IS NULL", "id > 0", "id > 0 ORDER BY id"}, on: "sqlite postgres", want: []string{"note", "addresses", "of 2 addresses, 2 are not found"},
	},
	"another hash in sample":    {file: []string{"members WHERE id > 0", "(SELECT id, email, concat('x', password) AS password, status FROM members) m"}, want: []string{"WRONG", "accounts", "get: it returns another hash than sample"}},
	"a hash in bytes":           {on: "postgres", tables: []string{"password varchar(99)", "password bytea"}, want: []string{"WRONG", "accounts", "column password_hash has the type bytea", "convert_from(password_hash, 'UTF8')"}},
	"a column that pads with 0": {on: "mysql", tables: []string{"password varchar(99)", "password binary(99)"}, want: []string{"WRONG", "accounts", "get after set_password", "does not match"}},
	"a trigger that refuses":    {more: []string{"refuses"}, want: []string{"WRONG", "accounts", "set_password: a trigger", "refused it"}},
	"a constraint":              {tables: []string{"closed integer", "closed integer, CONSTRAINT old_hashes CHECK (length(password) <= 60)"}, file: toArgon, want: []string{"WRONG", "accounts", "set_password: ", "old_hashes"}},
	"a view that can't change":  {on: "postgres mysql", more: []string{`CREATE VIEW people AS SELECT DISTINCT id, email, password, status FROM members`}, file: []string{"members", "people"}, want: []string{"WRONG", "accounts", "set_password: ", "people"}},
	"a generated column":        {on: "postgres mysql", more: []string{`ALTER TABLE members ADD COLUMN hash varchar(99) GENERATED ALWAYS AS (lower(password)) STORED`}, file: []string{"SET password =", "SET hash ="}, want: []string{"WRONG", "accounts", "set_password: ", "hash"}},
	"a statement that cuts off": {on: "mysql", tables: []string{"password varchar(99)", "password varchar(60)"}, file: append([]string{"UPDATE members", "UPDATE IGNORE members"}, toArgon...), want: []string{"WRONG", "accounts", "get after set_password", "a column cuts it off"}},
	"a short column":            {on: "mysql", tables: []string{"password varchar(99)", "password varchar(60)"}, file: toArgon, want: []string{"WRONG", "accounts", "set_password: Data too long for column 'password'", "too short"}},
	"a procedure that commits": {
		on: "mysql", more: []string{`CREATE PROCEDURE sets(i int, h text, o text) BEGIN START TRANSACTION; UPDATE members SET password = h WHERE id = i AND password = o; COMMIT; END`},
		file: []string{setRow, "CALL sets($1, $2, $3)"}, want: []string{"WRONG", "accounts", "set_password: it ends the transaction", "remove COMMIT"},
	},
	"a statement that commits": {
		on: "mysql", more: []string{`CREATE TABLE sessions (member integer)`, `INSERT INTO sessions VALUES (7)`}, file: []string{"ends_sessions", "after_reset = ['/* all */ truncate sessions']\nends_sessions"},
		want: []string{"WRONG", "accounts", "after_reset, statement 1: it ends the transaction", "TRUNCATE"}, rows: "sessions",
	},
	"another table without transactions":                           {on: "mysql", more: []string{`CREATE TABLE mem (id integer) ENGINE=MyISAM`}, want: []string{"ok", "accounts", "find, get, set_password work"}},
	"a table without transactions in a list":                       {on: "mysql", more: []string{`CREATE TABLE log (id integer) ENGINE=MyISAM`}, file: []string{"UPDATE members SET", "UPDATE members m, log AS l SET"}, want: []string{"WRONG", "accounts", "the table log has no transactions", "ALTER TABLE `log` ENGINE=InnoDB"}},
	"a table without transactions that is named with its database": {on: "mysql", tables: []string{"closed integer)", "closed integer) ENGINE=MyISAM"}, file: []string{"members", "`DATABASE`.members"}, want: []string{"WRONG", "accounts", ".members has no transactions", "`.`members` ENGINE=InnoDB"}},
	"a condition in a table that is named with its database":       {on: "mysql", tables: []string{"closed integer", "locked_at datetime"}, file: []string{"members", "DATABASE.members"}, want: []string{"note", "sign-in", "locked_at"}},
}

// refuses are triggers that refuse a change.
var refuses = map[string][]string{
	"sqlite":   {`CREATE TRIGGER refuses BEFORE UPDATE ON members BEGIN SELECT RAISE(ROLLBACK, 'no'); END`},
	"postgres": {`CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no, %', NEW.email; END $$`, `CREATE TRIGGER refuses BEFORE UPDATE ON members FOR EACH ROW EXECUTE FUNCTION refuses()`},
	"mysql":    {`CREATE TRIGGER refuses BEFORE UPDATE ON members FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'`},
}

// resetd check tells in words what is odd about the tables or statements of an
// application, and leaves every password as it was.
func TestCheckOfOddTables(t *testing.T) {
	for name, open := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return testkit.SQLite(t) },
		"postgres": func(t *testing.T) string { return testkit.EmptyPostgres(t) },
		"mysql":    func(t *testing.T) string { return testkit.MariaDB(t) },
	} {
		for kind, c := range oddCases {
			if strings.Contains(cmp.Or(c.on, name), name) {
				t.Run(kind+" on "+name, func(t *testing.T) {
					t.Parallel()
					c.check(t, testkit.Database{Name: name, URL: open(t)})
				})
			}
		}
	}
}

const oddHash = "$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG"

func (c oddCase) check(t *testing.T, db testkit.Database) {
	db.SQL(t, strings.NewReplacer(c.tables...).Replace(oddTable))
	for id, email := range map[string]string{"7": "user@example.org", "8": "other@example.org"} {
		db.SQL(t, `INSERT INTO members (id, email, password, status) VALUES (`+id+`, '`+email+`', '`+oddHash+`', 'active')`)
	}
	for _, statement := range c.more {
		if statement == "refuses" {
			db.SQL(t, refuses[db.Name]...)
		} else {
			db.SQL(t, statement)
		}
	}
	r := checked(t, "RESETD_DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "resetd.db"), "RESETD_ACCOUNTS_DATABASE_URL", db.URL,
		"RESETD_ACCOUNTS", c.fileFor(t, db), "RESETD_LOGIN_URL", "https://example.org/")
	r.line(c.want[0], c.want[1], c.want[2:]...)
	r.never("user@example.org")
	if n := db.Text(t, `SELECT count(*) FROM members WHERE id < 9 AND password LIKE '%$2b$12$%'`); n != "2" {
		t.Errorf("%s of 2 passwords are as they were", n)
	}
	if c.rows != "" && db.Text(t, `SELECT count(*) FROM `+c.rows) != "1" {
		t.Errorf("the table %s has lost its row", c.rows)
	}
}

func (c oddCase) fileFor(t *testing.T, db testkit.Database) string {
	t.Helper()
	u, err := url.Parse(db.URL)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(strings.NewReplacer(c.file...).Replace(oddFile), "DATABASE", strings.Trim(u.Path, "/"))
	file := filepath.Join(t.TempDir(), "accounts.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Messages about a database of its own for the accounts name its setting.
func TestCheckNamesTheSettingOfTheAccountsDatabase(t *testing.T) {
	db := testkit.Database{Name: "mysql", URL: testkit.MariaDB(t)}
	user := strings.ToLower(roleName(t))
	db.SQL(t, oddTable, `CREATE USER `+user+`@'127.0.0.1' IDENTIFIED BY 'secret'`, `GRANT SELECT ON members TO `+user+`@'127.0.0.1'`)
	defer db.SQL(t, `DROP USER `+user+`@'127.0.0.1'`)
	r := checked(t, "RESETD_DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "resetd.db"), "RESETD_ACCOUNTS_DATABASE_URL", withParameters(t, db.URL, url.UserPassword(user, "secret")),
		"RESETD_ACCOUNTS", oddCase{}.fileFor(t, db), "RESETD_LOGIN_URL", "https://example.org/")
	r.line("WRONG", "accounts", "set_password: UPDATE command denied", "grant this privilege to the user in RESETD_ACCOUNTS_DATABASE_URL")
}
