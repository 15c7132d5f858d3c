package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

// A system error alone does not tell an operator which setting to correct.
func TestWhatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	taken := smtpsink.Start(t, smtpsink.Options{}).Addr()
	for _, test := range []struct{ name, url, command, want string }{
		{"database in no folder", "sqlite:" + file + "/resetd.db", "migrate up", "RESETD_DATABASE_URL: "},
		{"database in no folder", "sqlite:" + file + "/resetd.db", "migrate up", "correct the path or the permissions"},
		{"backup to no folder", testkit.SQLite(t), "backup " + dir + "/none/copy.db", "name a file in a folder"},
		{"port in use", testkit.SQLite(t), "serve", "RESETD_ADDR: listen on " + taken},
		{"another program there", testkit.SQLite(t), "healthcheck", taken + ", the address in RESETD_ADDR or its default: "},
	} {
		var errors strings.Builder
		env := map[string]string{"RESETD_DATABASE_URL": test.url, "RESETD_ADDR": taken, "RESETD_SECRET_KEY": aKey}
		status := run(t.Context(), strings.Fields(test.command), func(name string) string { return env[name] }, strings.NewReader(""), &strings.Builder{}, &errors)
		if status != 1 || !strings.Contains(errors.String(), test.want) {
			t.Errorf("%s: status %d, %q lacks %q", test.name, status, errors.String(), test.want)
		}
	}
}

func TestCheckOfADatabaseThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, file + "/resetd.db"} { // a folder, and a path through a file
		r := checked(t, "RESETD_DATABASE_URL", "sqlite:"+path, "RESETD_SECRET_KEY", aKey)
		r.line("WRONG", "database", "as the user of the service, or correct RESETD_DATABASE_URL")
	}
}

// The key of the settings may be another one than that of the service: its file was lost,
// or a shell lacks a variable. Whoever restores the copy needs the key of its links.
func TestBackupNamesTheKeyOfTheDatabase(t *testing.T) {
	url := testkit.SQLite(t)
	s := testkit.Database{Name: "sqlite", URL: url}.Open(t)
	if _, err := s.NoteKeys(t.Context(), []string{"of-the-service"}, testkit.NewClock().Now()); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"RESETD_DATABASE_URL": url}
	var out strings.Builder
	status := run(t.Context(), []string{"backup", filepath.Join(t.TempDir(), "copy.db")}, func(name string) string { return env[name] }, strings.NewReader(""), &out, &out)
	if status != 0 || !strings.Contains(out.String(), "the fingerprint of-the-service,") {
		t.Errorf("status %d: %s", status, out.String())
	}
	if _, err := os.Stat(strings.TrimSuffix(strings.TrimPrefix(url, "sqlite:"), ".db") + ".key"); err == nil {
		t.Error("the backup made a key")
	}
}
