package main

import (
	"os"
	"strings"
	"testing"
	"time"

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
		if got := strings.Contains(r.out, "chmod o= "+file); got != (word == "note") {
			t.Errorf("%o: %s", mode, r.out)
		}
	}
}

func TestCheckOfTheModeOfEverySecretFile(t *testing.T) {
	file := t.TempDir() + "/password"
	if err := os.WriteFile(file, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_MAIL_URL", "smtp://127.0.0.1:1", "RESETD_MAIL_USER", "user", "RESETD_MAIL_PASSWORD_FILE", file}
	if r := checked(t, env...); strings.Contains(r.out, "chmod") {
		t.Errorf("mode 0600:\n%s", r.out)
	}
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	checked(t, env...).line("note", "settings", "chmod o= "+file)
}

func TestCheckFindsAClockThatWasSetBack(t *testing.T) {
	db := testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}
	checked(t, "RESETD_DATABASE_URL", db.URL).line("ok", "clock")
	s := db.Open(t)
	future := testkit.Reset(time.Now().UTC().Add(time.Hour), "")
	future.AccountState, future.Mail = "", ""
	if err := s.Insert(t.Context(), future, testkit.Delivery(future.CreatedAt, future)); err != nil {
		t.Fatal(err)
	}
	checked(t, "RESETD_DATABASE_URL", db.URL).line("WRONG", "clock", "set back", "NTP")
}
