package main

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/pquerna/otp/totp"

	"resetd/internal/config"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

const staffKey = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// staffConfig returns the configuration of line.
func staffConfig(t *testing.T, db testkit.Database) config.Config {
	t.Helper()
	var settings config.Settings
	if err := kong.ApplyDefaults(&settings); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Check(settings, config.Secrets{DatabaseURL: db.URL, SecretKey: staffKey, MailURL: "console:"})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// line runs a command with a password on standard input, and returns its output.
func line(t *testing.T, db testkit.Database, args ...string) string {
	t.Helper()
	getenv := func(name string) string {
		return map[string]string{"RESETD_DATABASE_URL": db.URL, "RESETD_SECRET_KEY": staffKey}[name]
	}
	var out, errs bytes.Buffer
	if status := run(t.Context(), args, getenv, strings.NewReader(demoPassword+"\n"), &out, &errs); status != 0 {
		t.Fatalf("%v: status %d, %s", args, status, errs.String())
	}
	return out.String()
}

// The codes of the printed secret must sign in, and the secret must not be in the
// database.
func TestPrintedSecretSignsIn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		shown := func(out string) string {
			t.Helper()
			secret := regexp.MustCompile(`(?m)^[A-Z2-7]{32}$`).FindString(out)
			if secret == "" || !strings.Contains(out, "otpauth://totp/") || !strings.Contains(out, "secret="+secret) {
				t.Fatalf("no secret in %s", out)
			}
			return secret
		}
		first := shown(line(t, db, "staff", "add", "agent", "--role", "agent"))
		second := shown(line(t, db, "staff", "totp", "agent"))
		s := db.Open(t)
		service, err := newStaff(staffConfig(t, db), s)
		if err != nil {
			t.Fatal(err)
		}
		for secret, want := range map[string]bool{first: false, second: true} {
			code, err := totp.GenerateCode(secret, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := service.SignIn(t.Context(), "agent", demoPassword, code, testkit.Visitor, staff.Tries{}); (err == nil) != want {
				t.Errorf("by the secret %v: %v", map[bool]string{false: "before", true: "now"}[want], err)
			}
		}
		if held := db.Text(t, `SELECT totp FROM reset_staff`); strings.Contains(held, second) {
			t.Errorf("the database contains %s", held)
		}
	})
}

// A printed link must belong to the member, and leads to a sign-in that no operator
// knows.
func TestPrintedLinkSetsUpTheSignIn(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		added := line(t, db, "staff", "add", "ada", "--role", "admin", "--link")
		renewed := line(t, db, "staff", "link", "ADA")
		service, err := newStaff(staffConfig(t, db), db.Open(t))
		if err != nil {
			t.Fatal(err)
		}
		for out, want := range map[string]error{added: reset.ErrRevoked, renewed: nil} {
			token := regexp.MustCompile(`(?m)^http://localhost:8080/support/join/([a-z2-7]{52})$`).FindStringSubmatch(out)
			if token == nil {
				t.Fatalf("no link in %q", out)
			}
			id, err := service.VerifyLink(token[1])
			if err != nil {
				t.Fatal(err)
			}
			if m, err := service.Invited(t.Context(), id); !errors.Is(err, want) || err == nil && (m.Name != "ada" || m.PasswordHash != "") {
				t.Errorf("the link is of %v (%v), want %v", m, err, want)
			}
		}
	})
}
