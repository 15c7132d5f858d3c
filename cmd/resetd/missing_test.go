package main

import (
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
		"staff list", "staff disable ann", "staff enable ann", "staff set-password ann", "staff totp ann", "staff role ann admin",
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
