package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// accountsFile writes the django preset with some texts replaced.
func accountsFile(t *testing.T, pairs ...string) string {
	t.Helper()
	var out, problems strings.Builder
	if status := run(t.Context(), []string{"accounts", "show", "django"}, func(string) string { return "" }, nil, &out, &problems); status != 0 {
		t.Fatal(problems.String())
	}
	file := filepath.Join(t.TempDir(), "accounts.toml")
	if err := os.WriteFile(file, []byte(strings.NewReplacer(pairs...).Replace(out.String())), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Some errors occur only with a real account. So each statement is tried with one and
// rolled back.
func TestCheckTriesStatementsWithARealAccount(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		djangoSite(t, db)
		const set = "UPDATE auth_user SET password = $2 WHERE id = $1 AND password = $3"
		for name, c := range map[string]struct {
			was, is string
			words   []string
		}{
			"no row changes":        {set, set + " AND email = 'x'", []string{"set_password: it changes 0 rows for one account, want one"}},
			"the hash may be any":   {" AND password = $3", "", []string{"set_password: it changes an account where the hash is not $3"}},
			"get finds another":     {"WHERE id = $1'''", "WHERE id - 1 = $1'''", []string{"get: it does not return an account by its id"}},
			"find misses it":        {"lower(email) IN (lower($1), $2, $3)", "username IN ($1, $2, $3)", []string{"find: it does not find an account by its own address"}},
			"a NULL id":             {"SELECT id AS id", "SELECT CAST(NULL AS text) AS id", []string{"sample: column id"}},
			"a text that is no yes": {"is_active AS active", "username AS active", []string{"column active"}},
		} {
			t.Run(name, func(t *testing.T) {
				r := checked(t, append(djangoEnv(db.URL), "RESETD_ACCOUNTS", accountsFile(t, c.was, c.is))...)
				r.wrong("accounts")
				r.line("WRONG", "accounts", c.words...)
				r.never("user@example.org")
				r.never(wonderlandHash)
				if db.Text(t, `SELECT password FROM auth_user`) != wonderlandHash {
					t.Error("the password was changed")
				}
			})
		}
	})
}

// A WHERE with the address instead of the id is wrong only for accounts that share
// their address.
func TestCheckTriesAccountsWithASharedAddress(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		djangoSite(t, db)
		for _, id := range []string{"2", "3"} {
			db.SQL(t, `INSERT INTO auth_user (id, username, email, password, is_active, is_superuser, is_staff, first_name, last_name, date_joined)
				VALUES (`+id+`, 'twin`+id+`', 'twin@example.org', '`+wonderlandHash+`', true, false, false, '', '', '2026-01-01')`)
		}
		look := func(pairs ...string) report {
			return checked(t, append(djangoEnv(db.URL), "RESETD_ACCOUNTS", accountsFile(t, pairs...))...)
		}
		look().line("ok", "accounts", "tried with one of the accounts")
		r := look("WHERE id = $1 AND password = $3", "WHERE email = (SELECT email FROM auth_user WHERE id = $1 AND password = $3)")
		r.line("WRONG", "accounts", "set_password: it changes 2 rows for one account, want one")
		r.never("twin@example.org")
	})
}

// PostgreSQL reports the types of columns even without a row.
func TestCheckNamesColumnsWithAWrongType(t *testing.T) {
	db := django(t, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)})
	djangoSite(t, db)
	db.SQL(t, `DELETE FROM auth_user`)
	for is, words := range map[string]string{
		"last_login AS active":                    "column active has the type timestamptz, want a boolean",
		"is_active AS active, is_staff AS locale": "column locale has the type bool, want text",
	} {
		r := checked(t, append(djangoEnv(db.URL), "RESETD_ACCOUNTS", accountsFile(t, "is_active AS active", is))...)
		r.wrong("accounts")
		r.line("WRONG", "accounts", "find: "+words)
		r.line("WRONG", "accounts", "get: "+words)
	}
}

func TestCheckComparesTheFormatOfHashes(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		djangoSite(t, db)
		look := func(hash string, pairs ...string) report {
			return checked(t, append(djangoEnv(db.URL), "RESETD_ACCOUNTS", accountsFile(t, append(pairs, `hash = "match"`, hash)...))...)
		}
		look(`hash = "match"`).line("ok", "hashes", "of 1 account: 1 django-pbkdf2-sha256")
		r := look(`hash = "django-argon2"`)
		r.wrong("hashes")
		r.line("WRONG", "hashes", "1 django-pbkdf2-sha256; new hashes would be django-argon2")
		db.SQL(t, `UPDATE auth_user SET username = password`, `UPDATE auth_user SET password = '!unusable'`)
		look(`hash = "match"`).line("WRONG", "hashes", "1 without a password that resetd can replace", "password_hash")
		db.SQL(t, `UPDATE auth_user SET password = username`, `INSERT INTO auth_user (id, username, email, password, is_active, is_superuser, is_staff, first_name, last_name, date_joined)
			VALUES (2, 'b', 'b@example.org', 'argon2$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI', true, false, false, '', '', '2026-01-01')`)
		look(`hash = "django-argon2"`).line("note", "hashes", "1 django-argon2, 1 django-pbkdf2-sha256", "is not the format of all")
		db.SQL(t, `DELETE FROM auth_user`)
		look(`hash = "match"`).line("note", "hashes", "no accounts yet")
	})
}

// A column for bcrypt hashes is too short for the hashes of other formats.
func TestCheckReportsAShortColumn(t *testing.T) {
	db := django(t, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)})
	djangoSite(t, db)
	db.SQL(t, fmt.Sprintf(`ALTER TABLE auth_user ALTER password TYPE varchar(%d)`, len(wonderlandHash)))
	r := checked(t, djangoEnv(db.URL)...)
	r.line("WRONG", "accounts", "set_password: ", "22001", "too short")
}

// verified runs resetd check --verify.
func verified(t *testing.T, stdin string, env ...string) report {
	t.Helper()
	vars := map[string]string{"RESETD_ADDR": "127.0.0.1:0", "RESETD_SECRET_KEY": aKey}
	for i := 0; i < len(env); i += 2 {
		vars[env[i]] = env[i+1]
	}
	var out, problems strings.Builder
	status := run(t.Context(), []string{"check", "--verify"}, func(name string) string { return vars[name] }, strings.NewReader(stdin), &out, &problems)
	r := report{t, status, out.String(), problems.String()}
	r.never("user@example.org")
	r.never(wonderlandHash)
	r.never("wonderland")
	return r
}

func TestCheckVerifiesAPassword(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		djangoSite(t, db)
		env := djangoEnv(db.URL)
		verified(t, "User@Example.org\nwonderland\n", env...).line("ok", "verify", "django-pbkdf2-sha256, and this password matches")
		verified(t, "user@example.org\r\nwonderland\r\n", env...).line("ok", "verify", "exactly one row")
		for stdin, words := range map[string]string{
			"user@example.org\nwonderland \n":  "does not match",
			"user@example.org\n":               "does not match",
			"nobody@example.org\nwonderland\n": "finds no account",
			"nonsense\nwonderland\n":           "first line",
			"":                                 "first line",
		} {
			r := verified(t, stdin, env...)
			r.wrong("verify")
			r.line("WRONG", "verify", words)
			if r.status != 1 {
				t.Errorf("%q: exit status %d", stdin, r.status)
			}
		}
		r := verified(t, "user@example.org\nwonderland\n", append(env, "RESETD_ACCOUNTS", accountsFile(t, `prepare = "none"`, `prepare = "sha256-hex"`))...)
		r.line("WRONG", "verify", "does not match", "prepare")
		r = verified(t, "user@example.org\nwonderland\n", append(env, "RESETD_ACCOUNTS", accountsFile(t, `hash = "match"`, `hash = "django-argon2"`))...)
		r.line("note", "verify", "a new hash would be django-argon2")
		if db.Text(t, `SELECT password FROM auth_user`) != wonderlandHash {
			t.Error("the password was changed")
		}
	})
}

// The statement sample is optional.
func TestCheckWithoutASample(t *testing.T) {
	eachDjango(t, func(t *testing.T, db testkit.Database) {
		djangoSite(t, db)
		file := accountsFile(t)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		before, _, _ := strings.Cut(string(text), "sample = ")
		if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		r := checked(t, append(djangoEnv(db.URL), "RESETD_ACCOUNTS", file)...)
		r.wrong()
		r.line("skip", "hashes", "sample", "--verify")
		verified(t, "user@example.org\nwonderland\n", append(djangoEnv(db.URL), "RESETD_ACCOUNTS", file)...).line("ok", "verify", "exactly one row")
	})
}
