package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

// aKey is a key in the form of openssl rand -base64 32.
const aKey = "3q2+7wDKfv66vgEjRWeJq83v/ty6mHZUMhDwrb7vyrs="

// report is the output of resetd check.
type report struct {
	*testing.T
	status      int
	out, errors string
}

// checked runs resetd check with these variables. The other variables are valid.
func checked(t *testing.T, env ...string) report {
	t.Helper()
	vars := map[string]string{"RESETD_ADDR": "127.0.0.1:0", "RESETD_SECRET_KEY": aKey}
	for i := 0; i < len(env); i += 2 {
		vars[env[i]] = env[i+1]
	}
	var out, errors strings.Builder
	status := run(t.Context(), []string{"check"}, func(name string) string { return vars[name] }, nil, &out, &errors)
	return report{t, status, out.String(), errors.String()}
}

// line fails unless a line about the subject has this state and contains these words.
func (r report) line(state, subject string, words ...string) {
	r.Helper()
	for line := range strings.Lines(r.out) {
		if strings.HasPrefix(line, fmt.Sprintf("%-6s %s: ", state, subject)) && containsAll(line, words) {
			return
		}
	}
	r.Errorf("want a line %q %q with %q, got:\n%s", state, subject, words, r.out)
}

func containsAll(s string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(s, w) {
			return false
		}
	}
	return true
}

// wrong fails unless exactly these subjects are wrong. It ignores durability, because
// a PostgreSQL for tests usually has unsafe settings.
func (r report) wrong(subjects ...string) {
	r.Helper()
	var got []string
	for line := range strings.Lines(r.out) {
		rest, bad := strings.CutPrefix(line, "WRONG  ")
		subject, _, _ := strings.Cut(rest, ":")
		if bad && subject != "durability" && (len(got) == 0 || got[len(got)-1] != subject) {
			got = append(got, subject)
		}
	}
	if strings.Join(got, " ") != strings.Join(subjects, " ") {
		r.Errorf("wrong subjects: got %q, want %q:\n%s", got, subjects, r.out)
	}
}

func (r report) never(secret string) {
	r.Helper()
	if strings.Contains(r.out+r.errors, secret) {
		r.Errorf("the output contains %q:\n%s%s", secret, r.out, r.errors)
	}
}

func TestCheckOfAGoodInstallation(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		sink := smtpsink.Start(t, smtpsink.Options{User: "user", Password: "secret"})
		r := checked(t, "RESETD_DATABASE_URL", db.URL, "RESETD_MAIL_URL", sink.URL(), "RESETD_MAIL_USER", "user", "RESETD_MAIL_PASSWORD", "secret",
			"RESETD_MAIL_FROM", "accounts@example.org", "RESETD_BASE_URL", "https://accounts.example.org", "RESETD_TRUSTED_PROXIES", "127.0.0.1")
		r.wrong()
		r.line("ok", "settings")
		r.line("ok", "address", "https://accounts.example.org")
		r.line("ok", "database", map[string]string{"sqlite": "SQLite 3.", "postgres": "PostgreSQL 1"}[db.Name], "ms")
		r.line("ok", "clock")
		r.line("ok", "tables", "up to date")
		r.line("ok", "accounts", "find, get, set_password")
		r.line("ok", "key", "one key")
		r.line("ok", "mail", sink.Addr(), "TLS 1.3", "password")
		r.line("ok", "sender", "accounts@example.org")
		if len(sink.Messages()) != 0 {
			t.Error("an email was sent")
		}
		unsafe := db.Name == "postgres" && (db.Text(t, `SHOW fsync`) == "off" || db.Text(t, `SHOW full_page_writes`) == "off" || db.Text(t, `SHOW synchronous_commit`) == "off")
		if unsafe {
			r.line("WRONG", "durability", " is off", "power cut")
		} else {
			r.line("ok", "durability")
		}
		if want := map[bool]int{true: 1}[unsafe]; r.status != want {
			t.Errorf("exit status %d, want %d", r.status, want)
		}
	})
}

func TestCheckContinuesAndCounts(t *testing.T) {
	dir := t.TempDir()
	r := checked(t, "RESETD_DATABASE_URL", "sqlite:"+dir+"/resetd.db", "RESETD_LINK_LIFETIME", "48h", "RESETD_MAIL_FROM", "nobody", "RESETD_MAIL_URL", "file:"+dir+"/mail")
	r.wrong("settings")
	r.line("WRONG", "settings", "RESETD_LINK_LIFETIME: 48h")
	r.line("WRONG", "settings", "RESETD_MAIL_FROM: ")
	r.line("skip", "mail", "RESETD_MAIL_FROM")
	r.line("ok", "key", "one key")
	if r.status != 1 || r.errors != "resetd: 1 of 17 checks failed\n" {
		t.Errorf("status %d, standard error %q", r.status, r.errors)
	}
}

func TestCheckSkipsChecksWithoutTheirSecret(t *testing.T) {
	r := checked(t, "RESETD_DATABASE_URL_FILE", "/does/not/exist")
	r.wrong("settings")
	r.line("skip", "database", "RESETD_DATABASE_URL")
	r.line("skip", "tables", "RESETD_DATABASE_URL")
	r.line("skip", "key")
}

func TestCheckCreatesNothing(t *testing.T) {
	dir := t.TempDir()
	r := checked(t, "RESETD_DATABASE_URL", "sqlite:"+dir+"/var/resetd.db", "RESETD_SECRET_KEY", "", "RESETD_MAIL_URL", "file:"+dir+"/mail/new")
	r.wrong()
	r.line("ok", "database", "does not exist yet", "first start")
	r.line("ok", "key", "does not exist yet", "first start")
	r.line("ok", "mail", "not there yet", "first email")
	r.line("skip", "accounts", "database does not exist yet")
	if r.status != 0 {
		t.Errorf("exit status %d:\n%s", r.status, r.errors)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// With a wrong path SQLite would create an empty database.
func TestCheckReportsAMissingApplicationDatabase(t *testing.T) {
	r := checked(t, djangoEnv("sqlite:"+t.TempDir()+"/app.db")...)
	r.wrong("database")
	r.line("WRONG", "database", "app.db does not exist", "RESETD_DATABASE_URL")
}

func TestCheckReportsFoldersWithoutWriteAccess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := checked(t, "RESETD_DATABASE_URL", "sqlite:"+file+"/var/resetd.db", "RESETD_SECRET_KEY", "", "RESETD_MAIL_URL", "file:"+file+"/mail")
	r.wrong("database", "key", "mail")
}

func TestCheckOfTheKeyBesideTheDatabase(t *testing.T) {
	url := testkit.SQLite(t)
	file := strings.TrimSuffix(strings.TrimPrefix(url, "sqlite:"), ".db") + ".key"
	see := func(text string, mode os.FileMode) report {
		_ = os.Remove(file)
		if err := os.WriteFile(file, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil { // regardless of the umask
			t.Fatal(err)
		}
		return checked(t, "RESETD_DATABASE_URL", url, "RESETD_SECRET_KEY", "")
	}
	see(aKey, 0o600).line("ok", "key", file)
	for _, mode := range []os.FileMode{0o644, 0o640, 0o604} {
		r := see(aKey, mode)
		r.wrong("key")
		r.line("WRONG", "key", "chmod 600 "+file)
		r.never(aKey)
	}
	see("dG9vIHNob3J0", 0o600).line("WRONG", "key", "9 of the 32 bytes")
	_ = os.Remove(file)
	checked(t, "RESETD_DATABASE_URL", url, "RESETD_SECRET_KEY", "").line("note", "key", file, "next start")
}

func TestCheckOfKeySettings(t *testing.T) {
	checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_SECRET_KEY", aKey+","+aKey).line("ok", "key", "2 keys")
	r := checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_SECRET_KEY", aKey+",MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	r.wrong("key")
	r.never(aKey)
	r = checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_SECRET_KEY", "c2hvcnQ=")
	r.wrong("settings")
	r.line("skip", "key")
}

// Links that another instance made must work here.
func TestCheckComparesTheKeysWithTheDatabase(t *testing.T) {
	const other = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		see := func(keys string) report { return checked(t, "RESETD_DATABASE_URL", db.URL, "RESETD_SECRET_KEY", keys) }
		see(aKey).line("ok", "key", "one key") // not used yet
		p := launch(t, map[string]string{"RESETD_DATABASE_URL": db.URL, "RESETD_SECRET_KEY": aKey}, "serve")
		p.stop()
		see(aKey).line("ok", "key", "one key")
		see(other+","+aKey).line("ok", "key", "2 keys")
		r := see(other)
		r.wrong("key")
		r.line("WRONG", "key", "last used with a key that is not listed", "RESETD_SECRET_KEY")
		db.SQL(t, `DROP TABLE reset_schema`) // of another build
		see(other).line("ok", "key", "one key")
	})
}

func TestCheckComparesTheKeyBesideTheDatabase(t *testing.T) {
	url := testkit.SQLite(t)
	p := launch(t, map[string]string{"RESETD_DATABASE_URL": url, "RESETD_SECRET_KEY": aKey}, "serve")
	p.stop()
	file := strings.TrimSuffix(strings.TrimPrefix(url, "sqlite:"), ".db") + ".key"
	for key, state := range map[string]string{aKey: "ok", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=": "WRONG"} {
		if err := os.WriteFile(file, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		checked(t, "RESETD_DATABASE_URL", url, "RESETD_SECRET_KEY", "").line(state, "key")
	}
}

func TestCheckOfABrokenTemplate(t *testing.T) {
	for _, name := range []string{"login.html", "password_reset_email.txt", "mail_test_email.txt"} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("{{.Nothing"), 0o600); err != nil {
			t.Fatal(err)
		}
		r := checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_TEMPLATES_DIR", dir)
		r.wrong("templates")
		r.line("WRONG", "templates", name)
	}
}

func TestCheckOfAListenerInUse(t *testing.T) {
	taken := smtpsink.Start(t, smtpsink.Options{}).Addr()
	checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_ADDR", taken).line("note", "listener", taken, "another program")
	p := launch(t, map[string]string{"RESETD_DATABASE_URL": testkit.SQLite(t), "RESETD_SECRET_KEY": aKey}, "serve")
	checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_ADDR", strings.TrimPrefix(p.URL, "http://")).line("ok", "listener", "resetd")
	checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_ADDR", "192.0.2.1:80").line("WRONG", "listener", "RESETD_ADDR")
	checked(t, "RESETD_DATABASE_URL", testkit.SQLite(t), "RESETD_METRICS_ADDR", "0.0.0.0:9464").line("note", "listener", "metrics", "0.0.0.0:9464")
}
