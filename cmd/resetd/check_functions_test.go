package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// set_password may call a function or a procedure, or change a view, if it counts one row
// for the account whose hash is $3. Otherwise resetd check tells what to write.
func TestCheckTriesFunctionsProceduresAndViews(t *testing.T) {
	for name, c := range map[string]struct {
		open         func(t *testing.T) string
		create       []string
		work, refuse []string
		advice       string
	}{
		"postgres": {
			open: func(t *testing.T) string { return testkit.EmptyPostgres(t) },
			create: []string{
				`CREATE FUNCTION compares(text, text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN UPDATE members SET password = $2 WHERE id = $1 AND password = $3; RETURN FOUND; END'`,
				`CREATE FUNCTION sets(text, text) RETURNS void LANGUAGE sql AS 'UPDATE members SET password = $2 WHERE id = $1'`,
				`CREATE PROCEDURE procedure(text, text, text) LANGUAGE sql AS 'UPDATE members SET password = $2 WHERE id = $1 AND password = $3'`,
				`CREATE VIEW seen AS SELECT id, password || '' AS password FROM members`,
				`CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN UPDATE members SET password = NEW.password WHERE id = OLD.id; RETURN NEW; END'`,
				`CREATE TRIGGER instead INSTEAD OF UPDATE ON seen FOR EACH ROW EXECUTE FUNCTION instead()`,
			},
			work: []string{
				`SELECT 1 WHERE compares($1, $2, $3)`,
				`WITH a AS (SELECT id FROM members WHERE id = $1 AND password = $3 FOR UPDATE) SELECT sets(id, $2) FROM a`,
				`UPDATE seen SET password = $2 WHERE id = $1 AND password = $3`,
			},
			refuse: []string{`SELECT sets($1, $2)`, `SELECT compares($1, $2, $3)`, `CALL procedure($1, $2, $3)`},
			advice: "Functions and procedures",
		},
		"mysql": {
			open: func(t *testing.T) string { return testkit.MariaDB(t) },
			create: []string{
				`CREATE FUNCTION compares(i text, h text, o text) RETURNS int MODIFIES SQL DATA BEGIN UPDATE members SET password = h WHERE id = i AND password = o; RETURN ROW_COUNT(); END`,
				`CREATE PROCEDURE one_row(i text, h text, o text) UPDATE members SET password = h WHERE id = i AND password = o`,
				`CREATE PROCEDURE more_rows(i text, h text, o text) BEGIN UPDATE members SET password = h WHERE id = i AND password = o; UPDATE members SET changes = changes + 1 WHERE id = i; END`,
				`CREATE VIEW seen AS SELECT id, password FROM members`,
			},
			work: []string{
				`SELECT 1 FROM DUAL WHERE compares($1, $2, $3) = 1`, `CALL one_row($1, $2, $3)`,
				`WITH a AS (SELECT $1 AS id) SELECT 1 FROM a WHERE compares(id, $2, $3) = 1`,
				`/* one row; */ # or none \n-- it's a function\nSELECT 1 FROM DUAL WHERE compares($1, $2, $3) = 1`,
				`UPDATE seen SET password = $2 WHERE id = $1 AND password = $3`,
			},
			refuse: []string{`SELECT compares($1, $2, $3)`, `DO compares($1, $2, $3)`, `CALL more_rows($1, $2, $3)`},
			advice: "Functions and procedures",
		},
		"sqlite": {
			open: func(t *testing.T) string { return testkit.SQLite(t) },
			create: []string{
				`CREATE VIEW seen AS SELECT id, password FROM members`,
				`CREATE TRIGGER instead INSTEAD OF UPDATE ON seen BEGIN UPDATE members SET password = NEW.password WHERE id = OLD.id; END`,
			},
			work:   []string{`UPDATE members SET password = $2 WHERE id = $1 AND password = $3`},
			refuse: []string{`UPDATE seen SET password = $2 WHERE id = $1 AND password = $3`},
			advice: "a view with a trigger",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := testkit.Database{Name: name, URL: c.open(t)}
			db.SQL(t, append([]string{
				`CREATE TABLE members (id varchar(9) PRIMARY KEY, email varchar(99), password varchar(99), changes int)`,
				`INSERT INTO members VALUES ('7', 'user@example.org', '$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG', 0), ('8', 'other@example.org', '$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG', 0)`,
			}, c.create...)...)
			record := "sqlite:" + filepath.Join(t.TempDir(), "resetd.db")
			check := func(set string) report {
				file := filepath.Join(t.TempDir(), "accounts.toml")
				text := strings.NewReplacer(`UPDATE members SET password = $2 WHERE id = $1 AND password = $3`, set,
					"SELECT m.id, a.email", "SELECT id, email", "members m JOIN addresses a ON a.member = m.id", "members", "a.email", "email").Replace(members)
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return checked(t, "RESETD_DATABASE_URL", record, "RESETD_ACCOUNTS_DATABASE_URL", db.URL, "RESETD_ACCOUNTS", file, "RESETD_LOGIN_URL", "https://example.org/")
			}
			for _, set := range c.work {
				check(set).line("ok", "accounts", "find, get, set_password work", "tried with one of the accounts")
			}
			for _, set := range c.refuse {
				check(set).line("WRONG", "accounts", "set_password: ", c.advice)
			}
		})
	}
}
