package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// statements are the statements for an application's accounts, which work on both
// databases.
var statements = map[string]string{
	"find":          "SELECT CAST(id AS text) AS id, email, name, password_hash, active FROM users WHERE lower(email) IN (lower($1), $2, $3)",
	"get":           "SELECT CAST(id AS text) AS id, email, name, password_hash, active FROM users WHERE CAST(id AS text) = $1",
	"set_password":  "UPDATE users SET password_hash = $2 WHERE CAST(id AS text) = $1 AND password_hash = $3",
	"after_reset":   "DELETE FROM reset_sessions WHERE user_id = $1",
	"ends_sessions": "true",
}

// checkedWith runs resetd check with one statement replaced. An empty statement is
// omitted.
func checkedWith(t *testing.T, db testkit.Database, key, statement string) report {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "hash = %q\n", "argon2id")
	for k, s := range statements {
		if k == key {
			s = statement
		}
		switch {
		case s == "":
		case k == "ends_sessions":
			fmt.Fprintf(&text, "%s = %s\n", k, s)
		case k == "after_reset":
			fmt.Fprintf(&text, "%s = [%q]\n", k, s)
		default:
			fmt.Fprintf(&text, "%s = %q\n", k, s)
		}
	}
	file := filepath.Join(t.TempDir(), "accounts.toml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return checked(t, "RESETD_DATABASE_URL", db.URL, "RESETD_ACCOUNTS", file, "RESETD_LOGIN_URL", "https://example.org/")
}

func TestCheckReportsFailingStatements(t *testing.T) {
	instead := func(key, was, is string) string { return strings.Replace(statements[key], was, is, 1) }
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		testkit.AddUser(t, db.Open(t), "first@example.org", "hash one")
		testkit.AddUser(t, db.Open(t), "second@example.org", "hash two")
		for name, c := range map[string]struct{ key, statement, subject, words string }{
			"an unknown column":   {"find", instead("find", "name", "nickname"), "find: ", "nickname"},
			"a column too few":    {"get", instead("get", "name, ", ""), "get: ", "column name is missing"},
			"find finds anything": {"find", instead("find", "WHERE", "WHERE true OR"), "find: ", "no account has"},
			"get gets several":    {"get", instead("get", "WHERE", "WHERE true OR"), "get: ", "several rows"},
			"no WHERE":            {"set_password", "UPDATE users SET password_hash = $2 WHERE $1 <> $3", "set_password: ", "where the hash is not $3"},
			"an unknown table":    {"after_reset", "DELETE FROM nowhere WHERE id = $1", "after_reset, statement 1: ", "nowhere"},
			"no SQL":              {"set_password", "UPDAET users", "set_password: ", "syntax error"},
		} {
			t.Run(name, func(t *testing.T) {
				r := checkedWith(t, db, c.key, c.statement)
				r.wrong("accounts")
				r.line("WRONG", "accounts", c.subject, c.words)
				if n := strings.Count(r.out, " accounts: "); n != 1 {
					t.Errorf("%d lines about accounts, want one:\n%s", n, r.out)
				}
				if n := db.Text(t, `SELECT count(*) FROM users WHERE password_hash IN ('hash one', 'hash two')`); n != "2" {
					t.Errorf("%s of 2 passwords are unchanged, want 2", n)
				}
			})
		}
	})
}

func TestCheckAcceptsWorkingStatements(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		testkit.AddUser(t, db.Open(t), "first@example.org", "hash")
		checkedWith(t, db, "", "").line("ok", "accounts", "find, get, set_password and after_reset work")
		r := checkedWith(t, db, "ends_sessions", "")
		r.wrong()
		r.line("note", "accounts", "ends_sessions is not true")
		r = checkedWith(t, db, "find", "")
		r.wrong("settings")
		r.line("skip", "accounts", "RESETD_ACCOUNTS")
	})
}

// An application's key may be a number or a UUID.
func TestCheckAcceptsNumberAndUUIDKeys(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		db.SQL(t, `CREATE TABLE members (id bigint PRIMARY KEY, email text, name text, password_hash text, active boolean)`)
		const get = "SELECT CAST(id AS text) AS id, email, name, password_hash, active FROM members WHERE id = CAST($1 AS bigint)"
		checkedWith(t, db, "get", get).line("ok", "accounts", "work")
	})
}

// Messages must not contain the values of an account's row.
func TestCheckPrintsNoValuesOfTheDatabase(t *testing.T) {
	db := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
	testkit.AddUser(t, db.Open(t), "first@example.org", "hash")
	r := checkedWith(t, db, "find", "SELECT CAST(id AS text) AS id, email, name, password_hash, active FROM users WHERE CAST(email AS integer) = length($1)")
	r.line("WRONG", "accounts", "find: ", "22P02")
	r.never("first@example.org")
}
