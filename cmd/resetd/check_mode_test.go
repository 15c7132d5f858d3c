package main

import (
	"os"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

func TestCheckOfTheModeOfTheDatabase(t *testing.T) {
	url := testkit.SQLite(t)
	file := strings.TrimPrefix(url, "sqlite:")
	for mode, word := range map[os.FileMode]string{0o600: "", 0o644: "note", 0o604: "note", 0o606: "note", 0o640: "note", 0o660: "note"} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		r := checked(t, "RESETD_DATABASE_URL", url)
		if word != "" {
			r.line(word, "database", "chmod 600 "+file)
		} else if strings.Contains(r.out, "chmod") {
			t.Errorf("%o: %s", mode, r.out)
		}
	}
}

func TestCheckOfTheModeOfTheKeyFile(t *testing.T) {
	file := t.TempDir() + "/key"
	if err := os.WriteFile(file, []byte(aKey), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, word := range map[os.FileMode]string{0o600: "ok", 0o640: "ok", 0o644: "note"} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		r := checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_SECRET_KEY", "", "RESETD_SECRET_KEY_FILE", file)
		r.line("ok", "key", "one key")
		if got := strings.Contains(r.out, "chmod 600 "+file); got != (word == "note") {
			t.Errorf("%o: %s", mode, r.out)
		}
	}
}
