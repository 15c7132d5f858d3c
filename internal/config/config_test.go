package config

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/uuid"

	"resetd/internal/limit"
	"resetd/internal/reset"
)

func defaults(t *testing.T) Settings {
	t.Helper()
	var s Settings
	must(t, kong.ApplyDefaults(&s))
	return s
}

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func secrets(t *testing.T, values map[string]string) Secrets {
	t.Helper()
	s, err := ReadSecrets(environment(values))
	must(t, err)
	return s
}

func TestDefaults(t *testing.T) {
	cfg, err := Check(defaults(t), secrets(t, nil))
	must(t, err)
	for name, c := range map[string][2]any{
		"base URL":  {cfg.BaseURL.String(), "http://localhost:8080"},
		"database":  {cfg.DatabaseURL, "sqlite:var/resetd.db"},
		"lifetime":  {cfg.LinkLifetime, time.Hour},
		"accounts":  {cfg.Builtin, true},
		"site name": {cfg.SiteName, "localhost"},
		"sender":    {cfg.MailFrom, "resetd@localhost"},
		"mail":      {cfg.MailURL, "console:"},
		"shortest":  {cfg.Policy.MinLength, 8},
		"longest":   {cfg.Policy.MaxLength, 256},
		"memory":    {cfg.Hashing.Params.MemoryKiB, uint32(19456)},
		"passes":    {cfg.Hashing.Params.Passes, uint32(2)},
		"queue":     {cfg.Hashing.Queue, 200},
		"limits": {cfg.Limits, limit.Rules{
			Address: limit.Rule{Count: 5, Window: time.Hour}, IP: limit.Rule{Count: 60, Window: time.Hour},
			Link: limit.Rule{Count: 30, Window: time.Hour}, SignIn: limit.Rule{Count: 20, Window: 15 * time.Minute}, SignInAccount: limit.Rule{Count: 100, Window: time.Hour},
		}},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: got %v, want %v", name, c[0], c[1])
		}
	}
}

func TestAllProblemsAreReportedAtOnce(t *testing.T) {
	s := defaults(t)
	s.Addr, s.BaseURL, s.LinkLifetime, s.LoginURL = "nowhere", "http://example.org/path", "25h", "//evil.example"
	s.MailFrom, s.MailReplyTo, s.TrustedProxies, s.TemplatesDir = "nobody", "A <a@example.org>", "10.0.0.0/33", "/does/not/exist"
	s.AccentColor, s.SiteName, s.Accounts = "#ffff00", "two\nlines", "oracle"
	s.PasswordMinLength, s.PasswordMaxLength, s.HashMemory = "7", "63", "lots"
	s.HashPasses, s.HashWorkers, s.HashQueue = "0", "-1", "99"
	s.LimitAddress, s.LimitIP, s.LimitLink, s.LimitSignin, s.LimitSigninAccount = "five", "5", "5/x", "-1/1h", "100"
	s.Retention, s.Signup, s.Logo = "1h", "maybe", "logo.gif"
	_, err := Check(s, Secrets{SecretKey: "c2hvcnQ=", DatabaseURL: "mysql://x", MailURL: "pigeon:"})
	if err == nil {
		t.Fatal("got no error")
	}
	for _, variable := range []string{
		"ADDR", "BASE_URL", "LINK_LIFETIME", "LOGIN_URL", "MAIL_FROM", "MAIL_REPLY_TO", "TRUSTED_PROXIES", "TEMPLATES_DIR",
		"ACCENT_COLOR", "SITE_NAME", "ACCOUNTS", "PASSWORD_MIN_LENGTH", "PASSWORD_MAX_LENGTH", "HASH_MEMORY", "HASH_PASSES",
		"HASH_WORKERS", "HASH_QUEUE", "LIMIT_ADDRESS", "LIMIT_IP", "LIMIT_LINK", "LIMIT_SIGNIN", "LIMIT_SIGNIN_ACCOUNT", "DATABASE_URL", "MAIL_URL", "RETENTION", "SIGNUP", "LOGO",
	} {
		if n := strings.Count("\n"+err.Error(), "\nRESETD_"+variable+":"); n != 1 {
			t.Errorf("RESETD_%s has %d lines, want 1, in:\n%v", variable, n, err)
		}
	}
}

func TestSecretKeys(t *testing.T) {
	long := base64.StdEncoding.EncodeToString(make([]byte, 32))
	other := base64.RawURLEncoding.EncodeToString([]byte(strings.Repeat("\xff\xfe", 20)))
	for text, want := range map[string]string{
		long: "", other: "", long + "," + other: "", long + ", " + other + " ": "",
		"c2hvcnQ=": "of the 32 bytes", "###": "not base64", long + ",": "", long + "\n" + other + "\n": "", long + "\r\nc2hvcnQ=": "of the 32 bytes",
	} {
		_, err := parseKeys(text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), text) {
			t.Errorf("the key is in the message %q", err)
		}
	}
}

// A file with one key in each line has two keys, and not one that nobody else has.
func TestEachLineIsAKey(t *testing.T) {
	text := strings.Repeat("A", 43) + "\n" + strings.Repeat("B", 43) + "\n"
	keys, err := parseKeys(text)
	if err != nil || len(keys.Fingerprints()) != 2 {
		t.Errorf("%d keys, %v; want 2", len(keys.Fingerprints()), err)
	}
}

func TestPostgresRequiresAKey(t *testing.T) {
	_, err := Check(defaults(t), secrets(t, map[string]string{"RESETD_DATABASE_URL": "postgres://u:hunter2@db.example.org/x"}))
	if err == nil || !strings.Contains(err.Error(), "RESETD_SECRET_KEY") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v, want a problem with RESETD_SECRET_KEY", err)
	}
}

func TestSecretsCanBeInFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	for _, text := range []string{"postgres://x", "postgres://x\n", "\ufeffpostgres://x\r\n"} { // editors on Windows write the last one
		must(t, os.WriteFile(file, []byte(text), 0o600))
		if s := secrets(t, map[string]string{"RESETD_DATABASE_URL_FILE": file}); s.DatabaseURL != "postgres://x" {
			t.Errorf("%q: got %q", text, s.DatabaseURL)
		}
	}
	empty := filepath.Join(t.TempDir(), "empty")
	must(t, os.WriteFile(empty, []byte(" \n"), 0o600))
	for want, values := range map[string]map[string]string{
		"set either it or":          {"RESETD_SECRET_KEY": "x", "RESETD_SECRET_KEY_FILE": file},
		"no such file or directory": {"RESETD_MAIL_PASSWORD_FILE": file + "x"},
		"is a directory":            {"RESETD_MAIL_PASSWORD_FILE": t.TempDir()},
		"is empty":                  {"RESETD_DATABASE_URL_FILE": empty}, // the default would be another database
	} {
		if _, err := ReadSecrets(environment(values)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", values, err, want)
		}
	}
}

// A secret that can't be read has one message: that it is missing would be a second one.
func TestUnreadSecretIsReportedOnce(t *testing.T) {
	secrets, unread := ReadSecrets(environment(map[string]string{"RESETD_DATABASE_URL": "postgres://x", "RESETD_SECRET_KEY_FILE": "/does/not/exist"}))
	_, err := Check(defaults(t), secrets)
	if all := fmt.Sprint(unread, err); strings.Count(all, "RESETD_SECRET_KEY") != 1 {
		t.Errorf("got %s", all)
	}
}

func TestKeyBesideTheDatabaseIsCreatedOnce(t *testing.T) {
	database := filepath.Join(t.TempDir(), "new", "resetd.db")
	tokens := make(chan string, 16)
	id := uuid.New()
	var wg sync.WaitGroup
	for range cap(tokens) {
		wg.Go(func() {
			k, err := KeyBeside(database)
			if err != nil {
				t.Error(err)
				return
			}
			tokens <- k.Token(reset.PurposeResetLink, id).Encode()
		})
	}
	wg.Wait()
	close(tokens)
	first := <-tokens
	for token := range tokens {
		if token != first {
			t.Fatal("two processes have two keys")
		}
	}
	info, err := os.Stat(strings.TrimSuffix(database, ".db") + ".key")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v, want mode 0600", info, err)
	}
}

func TestBaseURL(t *testing.T) {
	for text, ok := range map[string]bool{
		"https://accounts.example.org": true, "https://accounts.example.org/": true, "https://accounts.example.org:8443": true,
		"http://localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:9": true, "http://a.localhost": true,
		"http://example.org": false, "https://example.org/path": false, "https://user@example.org": false, "https://": false,
		"https://example.org?x": false, "ftp://example.org": false, "example.org": false, "": false, "https://:80": false,
	} {
		if _, err := ParseBaseURL(text); (err == nil) != ok {
			t.Errorf("%q: got %v, want ok %v", text, err, ok)
		}
	}
}

// A link that an email contains must open in every mail program, and the host must be that
// of the browser's Origin.
func TestBaseURLHasTheHostThatBrowsersSend(t *testing.T) {
	for text, want := range map[string]string{
		"https://b\u00fccher.example:8443": "https://xn--bcher-kva.example:8443", "https://Accounts.Example.ORG/": "https://accounts.example.org", "http://[::1]:9": "http://[::1]:9",
	} {
		if got, err := ParseBaseURL(text); err != nil || got.String() != want {
			t.Errorf("%q: got %v %v, want %s", text, got, err, want)
		}
	}
	if got, err := ParseBaseURL("https://b\u00fcch\u200eer.example"); err == nil {
		t.Errorf("an invisible mark in the host: got %v", got)
	}
}

func TestDefaultBaseURLHasTheListenersPort(t *testing.T) {
	s := defaults(t)
	s.Addr = ":9090"
	cfg, err := Check(s, secrets(t, nil))
	if err != nil || cfg.BaseURL.String() != "http://localhost:9090" {
		t.Errorf("got %v %v, want http://localhost:9090", cfg.BaseURL, err)
	}
}

func TestLimits(t *testing.T) {
	for text, want := range map[string]limit.Rule{
		"5/1h": {Count: 5, Window: time.Hour}, "1/30s": {Count: 1, Window: 30 * time.Second}, "10/2d": {Count: 10, Window: 48 * time.Hour}, "0": {},
	} {
		if got, err := parseLimit(text); err != nil || got != want {
			t.Errorf("%q: got %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "5", "0/1h", "-1/1h", "5/0s", "5/", "/1h", "x/1h", "5/1h/1h"} {
		if got, err := parseLimit(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestLimitOfAnAddressEndsWithTheLink(t *testing.T) {
	s := defaults(t)
	s.LimitAddress, s.LinkLifetime = "5/1d", "30m"
	cfg, err := Check(s, secrets(t, nil))
	if err != nil || cfg.Limits.Address.Window != 30*time.Minute {
		t.Errorf("got %v %v, want 30m", cfg.Limits.Address.Window, err)
	}
}

func TestLoginURLOfAnotherApplication(t *testing.T) {
	file := filepath.Join(t.TempDir(), "app.toml")
	text := "hash='argon2id'\nfind='SELECT 1 WHERE $1=$2'\nget='SELECT $1'\nset_password='UPDATE x SET y=$2 WHERE i=$1 AND y=$3'\n"
	must(t, os.WriteFile(file, []byte(text), 0o600))
	s := defaults(t)
	s.Accounts = file
	if _, err := Check(s, secrets(t, nil)); err == nil || !strings.Contains(err.Error(), "RESETD_LOGIN_URL") {
		t.Errorf("got %v, want a problem with RESETD_LOGIN_URL", err)
	}
	s.LoginURL = "https://app.example.org/sign-in"
	cfg, err := Check(s, secrets(t, nil))
	if err != nil || cfg.Builtin {
		t.Errorf("got %v, builtin %v", err, cfg.Builtin)
	}
}

func TestAccountsDatabaseURL(t *testing.T) {
	for name, c := range map[string]struct{ accounts, url, want, problem string }{
		"none":       {"django", "", "", ""},
		"mysql":      {"django", " mysql://u:p@db.example.org/app\n", "mysql://u:p@db.example.org/app", ""},
		"sqlite":     {"django", "sqlite:app.db", "sqlite:app.db", ""},
		"postgres":   {"django", "postgres://db.example.org/app", "postgres://db.example.org/app", ""},
		"the record": {"django", "sqlite:var/resetd.db", "", ""},
		"builtin":    {"builtin", "mysql://db.example.org/app", "", "unset it"},
		"not a URL":  {"django", "mariadb://u:hunter2@db.example.org/app", "", "scheme is not valid"},
		"not a text": {"django", "hunter2", "", "scheme is not valid"},
	} {
		s := defaults(t)
		s.Accounts = c.accounts
		if c.accounts != "builtin" {
			s.LoginURL = "https://www.example.org/"
		}
		cfg, err := Check(s, secrets(t, map[string]string{"RESETD_ACCOUNTS_DATABASE_URL": c.url}))
		switch {
		case c.problem == "" && (err != nil || cfg.AccountsURL != c.want):
			t.Errorf("%s: got %q, %v, want %q", name, cfg.AccountsURL, err, c.want)
		case c.problem != "" && (err == nil || !strings.Contains(err.Error(), "RESETD_ACCOUNTS_DATABASE_URL: "+c.problem) && !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%s: got %v, want %q", name, err, c.problem)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the password is in the message", name)
		}
	}
}

// The record can't be in MySQL, and the message names the other setting.
func TestRecordInMySQL(t *testing.T) {
	_, err := Check(defaults(t), secrets(t, map[string]string{"RESETD_DATABASE_URL": "mysql://u:hunter2@db.example.org/x"}))
	if err == nil || !strings.Contains(err.Error(), "RESETD_ACCOUNTS_DATABASE_URL") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Some programs write an IPv4 address in the form of IPv6. Visitors and proxies have it as
// IPv4, so it must be trusted as that.
func TestTrustedProxies(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "[]",
		"10.0.0.1":                          "[10.0.0.1/32]",
		"10.0.0.0/8, 2001:db8::/48\t::1\n,": "[10.0.0.0/8 2001:db8::/48 ::1/128]",
		"::ffff:10.0.0.1":                   "[10.0.0.1/32]",
		"::ffff:10.0.0.0/104":               "[10.0.0.0/8]",
		"fe80::1%eth0":                      "[fe80::1/128]",
	} {
		got, err := parseNetworks(text)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: got %v %v, want %s", text, got, err, want)
		}
	}
}
