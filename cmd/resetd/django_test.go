package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/config"
	"resetd/internal/testkit"
	"resetd/internal/testkit/postgres"
)

// wonderlandHash is what Django stores for the password wonderland.
const wonderlandHash = "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$JwK+Glss1XcTn6e1jnFc4uyEf4xQKYcRJH4Zxdyq5cM="

// eachDjango runs a test on both databases. They contain the tables of a Django
// project with one user, and no tables of resetd.
func eachDjango(t *testing.T, test func(t *testing.T, db testkit.Database)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, django(t, testkit.Database{Name: "sqlite", URL: "sqlite:" + filepath.Join(t.TempDir(), "app.db")}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, django(t, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}))
	})
}

func django(t *testing.T, db testkit.Database) testkit.Database {
	t.Helper()
	tables, err := os.ReadFile(filepath.Join("..", "..", "internal", "accounts", "testdata", "django."+db.Name+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	db.SQL(t, string(tables), `INSERT INTO auth_user (id, username, email, password, is_active, is_superuser, is_staff, first_name, last_name, date_joined)
		VALUES (1, 'user', 'user@example.org', '`+wonderlandHash+`', true, false, false, '', '', '2026-01-01')`)
	return db
}

// asDjango sets the settings for this project.
func asDjango(vars *config.Settings, _ *config.Secrets) {
	vars.Accounts, vars.LoginURL = "django", "https://example.org/login"
}

func djangoEnv(url string) []string {
	return []string{"RESETD_DATABASE_URL", url, "RESETD_ACCOUNTS", "django", "RESETD_LOGIN_URL", "https://example.org/login"}
}

// djangoSite returns a site on such a database, with resetd's tables.
func djangoSite(t *testing.T, db testkit.Database, settings ...setting) *site {
	t.Helper()
	s := newSite(t, db, append([]setting{asDjango}, settings...)...)
	s.must(s.app.prepareDatabase(t.Context(), true))
	return s.work()
}

// withParameters returns a database's URL with another user and more parameters.
func withParameters(t *testing.T, at string, user *url.Userinfo, pairs ...string) string {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil {
		t.Fatal(err)
	}
	if user != nil {
		u.User = user
	}
	q := u.Query()
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// roleName returns the name of a role that is dropped after the test's database.
func roleName(t *testing.T) string {
	name := "resetd_role_" + strings.ToLower(rand.Text()[:10])
	t.Cleanup(func() {
		server, err := sql.Open("postgres", os.Getenv(postgres.URLVariable))
		if err == nil {
			_, err = server.ExecContext(context.Background(), `DROP ROLE IF EXISTS `+name)
		}
		if err := errors.Join(err, server.Close()); err != nil {
			t.Error(err)
		}
	})
	return name
}

// granted returns the script that resetd check --grants prints.
func granted(t *testing.T, role string, env ...string) string {
	t.Helper()
	vars := map[string]string{"RESETD_SECRET_KEY": aKey}
	for i := 0; i < len(env); i += 2 {
		vars[env[i]] = env[i+1]
	}
	var out, problems strings.Builder
	status := run(t.Context(), []string{"check", "--grants", role}, func(name string) string { return vars[name] }, nil, &out, &problems)
	if status != 0 {
		t.Fatalf("status %d: %s", status, problems.String())
	}
	return out.String()
}

// The printed script must be sufficient for a whole reset. Without any of its
// privileges on the application's tables a reset must fail.
func TestGrantScriptIsSufficientAndMinimal(t *testing.T) {
	role := roleName(t)
	db := django(t, testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)})
	script := granted(t, role, djangoEnv(db.URL)...)
	db.SQL(t, script, `ALTER ROLE `+role+` PASSWORD 'secret'`)
	for _, want := range []string{
		"GRANT SELECT (id, password, email, is_active, username, first_name, last_name) ON public.auth_user TO", "GRANT UPDATE (password) ON public.auth_user TO",
		"GRANT USAGE ON SCHEMA public TO", "CREATE SCHEMA " + role,
	} {
		if !strings.Contains(script, want) {
			t.Errorf("%q is missing in\n%s", want, script)
		}
	}
	limited := testkit.Database{Name: "postgres", URL: withParameters(t, db.URL, url.UserPassword(role, "secret"))}
	s := djangoSite(t, limited)
	s.db = db // to look at what happened
	b := s.browser()
	b.Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
	s.eventually("the email came", func() bool { return len(s.sink.Messages()) == 1 })
	b.Choose(b.OpenLink(s.linkIn(s.sink.Messages()[0])), newPassword, newPassword).Is(http.StatusSeeOther).To("/password-reset/complete")
	if hash := db.Text(t, `SELECT password FROM auth_user`); hash == wonderlandHash || !strings.HasPrefix(hash, "pbkdf2_sha256$600000$") {
		t.Errorf("the hash is %s", hash)
	}
	if schema := db.Text(t, `SELECT schemaname FROM pg_tables WHERE tablename = 'password_resets'`); schema != role {
		t.Errorf("resetd's tables are in the schema %s", schema)
	}
	s.eventually("the notice came", func() bool { return len(s.sink.Messages()) == 2 })

	r := checked(t, djangoEnv(limited.URL)...)
	r.wrong()
	r.line("ok", "privileges")
	r.line("ok", "hashes", "1 django-pbkdf2-sha256")
	r.line("ok", "accounts", "tried with one of the accounts, and rolled back")
	for line := range strings.Lines(script) {
		grant, on, found := strings.Cut(strings.TrimSuffix(line, ";\n"), " ON public.auth_user TO ")
		if !found {
			continue
		}
		grant = strings.TrimPrefix(grant, "GRANT ")
		db.SQL(t, `REVOKE `+grant+` ON auth_user FROM `+on)
		r := checked(t, djangoEnv(limited.URL)...)
		r.wrong("accounts", "privileges")
		r.line("WRONG", "privileges", "GRANT "+grant+" ON public.auth_user TO "+role+";")
		db.SQL(t, line)
		privilege, columns, _ := strings.Cut(strings.TrimSuffix(grant, ")"), " (")
		for column := range strings.SplitSeq(columns, ", ") {
			db.SQL(t, `REVOKE `+privilege+` (`+column+`) ON auth_user FROM `+on)
			checked(t, djangoEnv(limited.URL)...).line("WRONG", "accounts", "42501")
			db.SQL(t, line)
		}
	}
}

func TestSQLiteNeedsNoGrants(t *testing.T) {
	db := django(t, testkit.Database{Name: "sqlite", URL: "sqlite:" + filepath.Join(t.TempDir(), "app.db")})
	djangoSite(t, db)
	vars := map[string]string{"RESETD_ACCOUNTS": "django", "RESETD_LOGIN_URL": "https://example.org/login", "RESETD_DATABASE_URL": db.URL}
	var out, problems strings.Builder
	status := run(t.Context(), []string{"check", "--grants", "resetd"}, func(name string) string { return vars[name] }, nil, &out, &problems)
	if status != 1 || !strings.Contains(problems.String(), "SQLite has no privileges") || out.Len() != 0 {
		t.Errorf("status %d: %q %q", status, out.String(), problems.String())
	}
}
