package main

import (
	"net"
	"net/url"
	"path/filepath"
	"testing"

	"resetd/internal/testkit"
)

func TestCheckOfAnEmptyDatabase(t *testing.T) {
	for _, db := range []testkit.Database{
		{Name: "sqlite", URL: "sqlite:" + filepath.Join(t.TempDir(), "resetd.db")},
		{Name: "postgres", URL: testkit.EmptyPostgres(t)},
	} {
		t.Run(db.Name, func(t *testing.T) {
			db.SQL(t, `CREATE TABLE other (id integer)`)
			r := checked(t, "RESETD_DATABASE_URL", db.URL)
			r.wrong("tables")
			r.line("WRONG", "tables", "run `resetd migrate up`")
			for _, subject := range []string{"accounts", "sign-in"} {
				r.line("skip", subject, "the tables are not up to date")
			}
			if db.Name == "sqlite" {
				r.line("note", "durability", "journal mode is delete")
				r.line("ok", "privileges", "SQLite has no privileges")
				if mode := db.Text(t, `PRAGMA journal_mode`); mode != "delete" {
					t.Errorf("the journal mode is %s now", mode)
				}
			}
			if db.Name == "postgres" {
				r.line("skip", "privileges", "the tables are not up to date")
			}
			tables := db.Text(t, map[string]string{
				"sqlite":   `SELECT count(*) FROM sqlite_master`,
				"postgres": `SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`,
			}[db.Name])
			if tables != "1" {
				t.Errorf("there are %s tables now", tables)
			}
		})
	}
}

func TestCheckOfNewerAndOlderTables(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		db.SQL(t, `DELETE FROM reset_builtin_schema_version WHERE version_id = 1`, `DROP TABLE users`, `DROP TABLE reset_signups`)
		checked(t, "RESETD_DATABASE_URL", db.URL).line("WRONG", "tables", "builtin/00001_", " is missing", "migrate up")
		db.SQL(t, `INSERT INTO reset_schema_version (version_id, is_applied) SELECT 99999, is_applied FROM reset_schema_version WHERE version_id = 1`)
		checked(t, "RESETD_DATABASE_URL", db.URL).line("WRONG", "tables", "newer than this binary")
		db.SQL(t, `UPDATE reset_schema SET digest = 'of another build'`)
		checked(t, "RESETD_DATABASE_URL", db.URL).line("WRONG", "tables", "another build", "make clean")
	})
}

func TestCheckNamesTakenTables(t *testing.T) {
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "resetd.db"), "postgres": testkit.EmptyPostgres(t)} {
		db := testkit.Database{Name: name, URL: url}
		db.SQL(t, `CREATE TABLE users (id integer)`)
		checked(t, "RESETD_DATABASE_URL", db.URL).line("WRONG", "tables", "another application", "users")
	}
}

func TestCheckOfAnUnreachableDatabase(t *testing.T) {
	t.Parallel() // most of it is waiting
	silent, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	for name, c := range map[string]struct{ url, words string }{
		"nobody listens":       {"postgres://user:hunter22@127.0.0.1:1/db", "connection refused"},
		"nobody answers":       {"postgres://user:hunter22@" + silent.Addr().String() + "/db?connect_timeout=600", "no answer in time"},
		"an unreadable URL":    {"postgres://user:hunter22%zz@127.0.0.1/db", "the password is not valid: percent-encode"},
		"a slash":              {"postgres://user:/hunter22@127.0.0.1/db", "the password is not valid: percent-encode"},
		"the keyword form":     {"host=127.0.0.1 port=1 user=user password=hunter22 dbname=db", "connection refused"},
		"several hosts":        {"postgres://user:hunter22@127.0.0.1:1,127.0.0.1:2/db", "connection refused"},
		"a socket":             {"postgres://user:hunter22@%2Fnone/db", "/none/.s.PGSQL.5432"},
		"an unknown parameter": {"postgres://user:hunter22@127.0.0.1/db?binary_parameters=perhaps", "the parameter binary_parameters is not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			r := checked(t, "RESETD_DATABASE_URL", c.url)
			r.wrong("database")
			r.line("WRONG", "database", c.words)
			r.line("skip", "tables", "the database")
			r.line("note", "mail")
			r.never("hunter22")
		})
	}
}

// Otherwise the tables would be created in the next schema, among the application's.
func TestCheckOfAMissingSchema(t *testing.T) {
	db := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
	at := withParameters(t, db.URL, nil, "search_path", "resetd,public")
	r := checked(t, "RESETD_DATABASE_URL", at)
	r.wrong("tables")
	r.line("WRONG", "tables", "the schema resetd, the first in search_path, does not exist", "migrate up")
	role := roleName(t)
	server := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	server.SQL(t, `CREATE ROLE `+role+` LOGIN PASSWORD 'secret'`)
	at = withParameters(t, server.URL, url.UserPassword(role, "secret"), "search_path", "resetd,public")
	checked(t, "RESETD_DATABASE_URL", at).line("WRONG", "tables", "CREATE SCHEMA resetd AUTHORIZATION "+role+";")
	server.SQL(t, `DROP ROLE `+role)
}
