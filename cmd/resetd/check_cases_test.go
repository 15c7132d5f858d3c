package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// members is an application with its own table, and a second table of addresses.
const members = `
hash          = "bcrypt"
hash_cost     = 10
find          = "SELECT m.id, a.email, '' AS name, password AS password_hash, true AS active FROM members m JOIN addresses a ON a.member = m.id WHERE a.email IN ($1, $2, $3)"
get           = "SELECT id, email, '' AS name, password AS password_hash, true AS active FROM members WHERE id = $1"
set_password  = "UPDATE members SET password = $2 WHERE id = $1 AND password = $3"
ends_sessions = true
sample        = "SELECT m.id, a.email, '' AS name, password AS password_hash, true AS active FROM members m JOIN addresses a ON a.member = m.id"
`

// eachMembers runs a test with one member. check runs resetd check with changed
// statements.
func eachMembers(t *testing.T, test func(t *testing.T, db testkit.Database, check func(pairs ...string) report)) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		db.SQL(t, `CREATE TABLE members (id text PRIMARY KEY, email text, password text, locked_at timestamp, "EmailConfirmed" boolean, deleted_at timestamp)`,
			`CREATE TABLE addresses (member text, email text, disabled_at timestamp)`,
			`INSERT INTO members (id, email, password) VALUES ('7', 'user@example.org', '$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG')`,
			`INSERT INTO addresses (member, email) VALUES ('7', 'user@example.org')`)
		test(t, db, func(pairs ...string) report {
			t.Helper()
			file := filepath.Join(t.TempDir(), "accounts.toml")
			if err := os.WriteFile(file, []byte(strings.NewReplacer(pairs...).Replace(members)), 0o600); err != nil {
				t.Fatal(err)
			}
			return checked(t, "RESETD_DATABASE_URL", db.URL, "RESETD_ACCOUNTS", file, "RESETD_LOGIN_URL", "https://example.org/")
		})
	})
}

// The dry run ends like a reset: with get, and a proof that the password was set.
func TestCheckReadsTheNewPasswordBack(t *testing.T) {
	eachMembers(t, func(t *testing.T, db testkit.Database, check func(pairs ...string) report) {
		check().line("ok", "accounts", "find, get, set_password work")
		for name, pairs := range map[string][]string{
			"cut off":    {"SET password = $2", "SET password = substr($2, 1, 40)"},
			"a stand-in": {"password AS password_hash", "'$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG' AS password_hash", "AND password = $3", "AND $3 = '$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG'"},
		} {
			r := check(pairs...)
			r.wrong("accounts")
			r.line("WRONG", "accounts", "get after set_password: ", "does not match the hash")
			if t.Failed() {
				t.Fatal(name)
			}
		}
		db.SQL(t, map[string][]string{
			"sqlite": {`CREATE TRIGGER again AFTER UPDATE OF password ON members BEGIN UPDATE members SET password = 'hashed ' || NEW.password WHERE id = NEW.id; END`},
			"postgres": {
				`CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.password := md5(NEW.password); RETURN NEW; END $$`,
				`CREATE TRIGGER again BEFORE UPDATE ON members FOR EACH ROW EXECUTE FUNCTION again()`,
			},
		}[db.Name]...)
		check().line("WRONG", "accounts", "get after set_password: ", "a trigger")
		if got := db.Text(t, `SELECT password FROM members`); !strings.HasPrefix(got, "$2b$12$") {
			t.Errorf("not rolled back: %s", got)
		}
	})
}

func TestCheckReportsWhatItCannotProve(t *testing.T) {
	eachMembers(t, func(t *testing.T, db testkit.Database, check func(pairs ...string) report) {
		r := check()
		r.line("note", "proof", "only `resetd check --verify` proves it")
		if !strings.Contains(r.out[strings.LastIndex(strings.TrimSpace(r.out), "\n"):], "proof") {
			t.Errorf("the note is not at the end: %s", r.out)
		}
		r.line("note", "sign-in", "members", "locked_at = NULL, unlock_token = NULL, failed_attempts = 0", "set_password or after_reset")
		r.line("note", "sign-in", "members", `"EmailConfirmed" AS active`)
		r.line("note", "sign-in", "members", "deleted_at IS NULL AS active")
		if strings.Contains(r.out, "disabled_at") { // of another table than the accounts'
			t.Errorf("got %s", r.out)
		}
		check("true AS active FROM members WHERE", `\"EmailConfirmed\" AND deleted_at IS NULL AS active FROM members WHERE`, "SET password = $2", "SET password = $2, locked_at = NULL").
			line("ok", "sign-in", "use all columns")

		db.SQL(t, `INSERT INTO addresses (member, email) VALUES ('7', 'second@example.org')`)
		check().line("note", "addresses", "another address than get")
		db.SQL(t, `UPDATE members SET password = '$S$DabcdefghxZaKAs1vaKryfgc.94npfa6mxBxGYPa8uFNc5CXFFmm'`)
		check().line("note", "hashes", "2 drupal-sha512")
		db.SQL(t, `UPDATE members SET password = '{CRYPT}$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG'`)
		check("SET password = $2", "SET password = '{CRYPT}$2b$' || substr($2, 5)").line("ok", "hashes", "2 {CRYPT}bcrypt")
	})
}

// A role without a policy sees no accounts, and its statements return no error. The role
// may not make temporary tables.
func TestCheckReportsRowLevelSecurity(t *testing.T) {
	role := roleName(t)
	db := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
	db.SQL(t, `CREATE TABLE members (id text, email text, password text)`, `CREATE TABLE addresses (member text, email text)`,
		`INSERT INTO members VALUES ('7', 'user@example.org', '$2b$12$abcdefghijklmnopqrstuuRI/kALEsLPxQo9AQB.2slJ/0SAZskBG')`,
		`INSERT INTO addresses VALUES ('7', 'user@example.org')`,
		`CREATE ROLE `+role+` LOGIN PASSWORD 'secret'`, `GRANT ALL ON ALL TABLES IN SCHEMA public TO `+role, `GRANT ALL ON SCHEMA public TO `+role,
		`REVOKE TEMPORARY ON DATABASE `+db.Text(t, `SELECT current_database()`)+` FROM public`,
		`ALTER TABLE members ENABLE ROW LEVEL SECURITY`)
	file := filepath.Join(t.TempDir(), "accounts.toml")
	text := members + "grants = ['SELECT (id, email, password) ON members', 'UPDATE (password) ON members', 'SELECT (member, email) ON addresses']\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	look := func() report {
		return checked(t, "RESETD_DATABASE_URL", withParameters(t, db.URL, url.UserPassword(role, "secret")), "RESETD_ACCOUNTS", file, "RESETD_LOGIN_URL", "https://example.org/")
	}
	look().line("WRONG", "privileges", "row-level security is on for the table members", "CREATE POLICY")
	db.SQL(t, `CREATE POLICY resetd ON members TO `+role+` USING (true) WITH CHECK (true)`)
	r := look()
	r.line("note", "privileges", "row-level security is on for the table members")
	r.line("ok", "privileges", "has all privileges")
}

// A missing table is reported at the start, before anybody asks for a link.
func TestMissingTableIsLoggedAtTheStart(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		db.SQL(t, `ALTER TABLE auth_user RENAME TO elsewhere`)
		s := djangoSite(t, db)
		s.eventually("the log has an error", func() bool {
			return strings.Contains(s.log.String(), `"level":"ERROR","msg":"readiness"`) && strings.Contains(s.log.String(), "auth_user")
		})
	})
}
