package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// A misspelt path must not make a new, empty database that answers "nothing".
func TestCommandsCreateNoDatabase(t *testing.T) {
	for _, command := range []string{
		"migrate status", "migrate down", "users list", "users set-password user@example.org", "users disable user@example.org", "users enable user@example.org",
		"serve --no-migrate", "staff list", "staff disable ann", "staff enable ann", "staff set-password ann", "staff totp ann", "staff role ann admin",
		"history user@example.org", "purge --older-than 400d", "backup copy.db",
	} {
		t.Run(command, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			path := filepath.Join(dir, "resetdd", "resetd.db")
			status, out, errors := onDatabase(t, path, command)
			if status != 1 || out != "" || errors != "resetd: RESETD_DATABASE_URL: "+path+" does not exist; correct the path, or create the database with resetd migrate up\n" {
				t.Errorf("status %d, %q, %q", status, out, errors)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("created %v, %v", left, err)
			}
		})
	}
}

// A relative path depends on the folder that the command was started in.
func TestMissingDatabaseIsNamedWithItsFolder(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for command, words := range map[string]string{"history": "does not exist", "check": "does not exist yet"} {
		want := " var/resetd.db " + words + " in " + dir + ";"
		if _, out, errors := onDatabase(t, "var/resetd.db", command); !strings.Contains(out+errors, want) {
			t.Errorf("%s does not name %q:\n%s%s", command, want, out, errors)
		}
	}
}

// These commands may be the first ones on a new installation.
func TestFirstCommandsCreateTheDatabase(t *testing.T) {
	for _, command := range []string{"migrate up", "users add user@example.org", "staff add --role admin --no-totp ann"} {
		t.Run(command, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "var", "resetd.db")
			if status, _, errors := onDatabase(t, path, command); status != 0 {
				t.Fatalf("status %d, %q", status, errors)
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

// onDatabase runs a command on an SQLite database, with a password on standard input.
func onDatabase(t *testing.T, path, command string) (status int, out, errors string) {
	t.Helper()
	var o, e strings.Builder
	getenv := func(name string) string { return map[string]string{"RESETD_DATABASE_URL": "sqlite:" + path}[name] }
	status = run(t.Context(), strings.Fields(command), getenv, strings.NewReader(testkit.Password+"\n"), &o, &e)
	return status, o.String(), e.String()
}

// A wrong host, port or password must be visible in the error.
func TestCommandsSayWhyTheServerDoesNotAnswer(t *testing.T) {
	right, err := url.Parse(testkit.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	wrongPassword := *right
	wrongPassword.User = url.UserPassword(right.User.Username(), "hunter22")
	missing := *right
	missing.Path = "/resetd_nowhere"
	for name, c := range map[string]struct{ url, words string }{
		"no server":        {"postgres://user:hunter22@127.0.0.1:1/resetd?sslmode=disable", "connection refused"},
		"a wrong password": {wrongPassword.String(), "password authentication failed"},
		"no such database": {missing.String(), "resetd_nowhere"},
	} {
		for _, command := range []string{"migrate up", "users list", "history"} {
			var out, errors strings.Builder
			getenv := func(name string) string {
				return map[string]string{"RESETD_DATABASE_URL": c.url, "RESETD_SECRET_KEY": aKey}[name]
			}
			status := run(t.Context(), strings.Fields(command), getenv, strings.NewReader(""), &out, &errors)
			if got := errors.String(); status != 1 || !strings.HasPrefix(got, "resetd: RESETD_DATABASE_URL: ") || !strings.Contains(got, c.words) ||
				strings.Contains(got, "hunter22") || strings.Count(got, "\n") != 1 {
				t.Errorf("%s, %s: status %d, %q", name, command, status, got)
			}
		}
	}
}
