package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/config"
)

// initialised runs resetd init in a folder of its own.
func initialised(t *testing.T, answers string, args ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = run(t.Context(), append([]string{"init"}, args...), func(string) string { return "" }, strings.NewReader(answers), &b, &b)
	return status, b.String()
}

func TestInitWritesSettingsThatWork(t *testing.T) {
	t.Chdir(t.TempDir())
	status, out := initialised(t, "accounts.example.org\nhttps://accounts.example.org\n\nsmtp://mail.example.org\nfile:mails\n")
	if status != 0 || !strings.Contains(out, "RESETD_BASE_URL: it must be") || !strings.Contains(out, "resetd --config resetd.env serve") {
		t.Fatalf("status %d:\n%s", status, out)
	}
	if accounts, start, _ := strings.Cut(out, "The next step"); !strings.Contains(accounts, "RESETD_ACCOUNTS") || strings.Contains(start, "RESETD_ACCOUNTS") {
		t.Errorf("what to do before the start is not before it:\n%s", out)
	}
	got, err := config.ReadFile("resetd.env")
	if err != nil || got["RESETD_BASE_URL"] != "https://accounts.example.org" || got["RESETD_DATABASE_URL"] != config.DefaultDatabaseURL || got["RESETD_SECRET_KEY"] == "" {
		t.Errorf("got %v %v", got, err)
	}
	if info, err := os.Stat("resetd.env"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v %v, want 0600", info.Mode(), err)
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	const answers = "https://accounts.example.org\n\nfile:mails\n"
	for _, old := range []string{"RESETD_SITE_NAME=Mine\n", "not settings\n", "RESETD_SITE_NAME=\n"} {
		if err := os.WriteFile("mine.env", []byte(old), 0o600); err != nil {
			t.Fatal(err)
		}
		status, out := initialised(t, answers, "mine.env")
		if text, _ := os.ReadFile("mine.env"); status != 1 || string(text) != old || !strings.Contains(out, "nothing was written") {
			t.Errorf("%q: status %d, the file is %q:\n%s", old, status, text, out)
		}
	}
	if err := os.WriteFile("mine.env", []byte("# my comment\n#RESETD_MAIL_URL=console:\n# the end\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out := initialised(t, answers, "mine.env"); status != 0 {
		t.Fatalf("status %d:\n%s", status, out)
	}
	text, _ := os.ReadFile("mine.env")
	if got := string(text); !strings.HasPrefix(got, "# my comment\nRESETD_MAIL_URL=file:mails\n# the end\n") {
		t.Errorf("got:\n%s", got)
	}
}

func TestInitWithoutAValidAnswerWritesNothing(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, answers := range []string{"", "nonsense\n", "https://accounts.example.org\nmysql://x", "https://accounts.example.org\n\nsmtp:"} {
		status, out := initialised(t, answers)
		if _, err := os.Stat("resetd.env"); status != 1 || !os.IsNotExist(err) || !strings.Contains(out, "nothing was written") {
			t.Errorf("%q: status %d, %v:\n%s", answers, status, err, out)
		}
	}
}

// A wrong answer is refused where it is given: afterwards the file has settings, and init
// would not ask again.
func TestInitRefusesWhatCannotWork(t *testing.T) {
	for wrong, answers := range map[string]string{
		"RESETD_DATABASE_URL: the password is not valid": "https://accounts.example.org\npostgres://resetd:a#b@localhost/app\n",
		"RESETD_DATABASE_URL: it contains an invisible":  "https://accounts.example.org\nsqlite:var/\x1b[Dresetd.db\n",
		"RESETD_BASE_URL: it contains an invisible":      "https://accounts.example.org\xff\n",
	} {
		t.Chdir(t.TempDir())
		status, out := initialised(t, answers)
		if _, err := os.Stat("resetd.env"); status != 1 || !strings.Contains(out, wrong) || !os.IsNotExist(err) {
			t.Errorf("%q: status %d, %v:\n%s", answers, status, err, out)
		}
	}
}

func TestInitAsksNothingIfItCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none", "resetd.env")
	if status, out := initialised(t, "", file); status != 1 || strings.Contains(out, "The address") || !strings.Contains(out, "name a file in a folder in which you may write") {
		t.Errorf("status %d:\n%s", status, out)
	}
}

// Ctrl-C ends a command that waits for a person.
func TestInterruptEndsQuestions(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"init"}, {"copy"}, {"check", "--verify"}} {
		var b bytes.Buffer
		silent, _ := io.Pipe() // nobody answers
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if status := run(ctx, args, func(string) string { return "" }, silent, &b, &b); status != 1 || !strings.Contains(b.String(), "interrupted") {
			t.Errorf("%v: status %d:\n%s", args, status, &b)
		}
	}
	if _, err := os.Stat("resetd.env"); !os.IsNotExist(err) {
		t.Errorf("a file was left: %v", err)
	}
}

func TestConfigFileIsBehindTheEnvironment(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("resetd.env", []byte("RESETD_BASE_URL=https://accounts.example.org\nRESETD_TRUSTED_PROXIES=127.0.0.1\nRESETD_LINK_LIFETIME=nonsense\nRESETD_SITE_NAM=x\n"), 0o604); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod("resetd.env", 0o604); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	env := map[string]string{"RESETD_LINK_LIFETIME": "2h"}
	run(t.Context(), []string{"check", "--config", "resetd.env"}, func(name string) string { return env[name] }, strings.NewReader(""), &b, &b)
	for _, want := range []string{"links lead to https://accounts.example.org", "RESETD_SITE_NAM: no setting has this name", "chmod o= resetd.env"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "RESETD_LINK_LIFETIME") {
		t.Errorf("the file has precedence:\n%s", b.String())
	}
	b.Reset()
	if status := run(t.Context(), []string{"serve", "--config", "none.env"}, func(string) string { return "" }, strings.NewReader(""), &b, &b); status != exitUsage || !strings.Contains(b.String(), "none.env") {
		t.Errorf("a missing file: status %d:\n%s", status, b.String())
	}
}

// The package's service reads the file, and other commands run as its user.
func TestInitOfThePackageNamesTheServicesUser(t *testing.T) {
	var b bytes.Buffer
	s := setup{in: &invocation{stdout: &b, stderr: &b}, file: packagedSettings + "/resetd.env"}
	s.next(false)
	if !strings.Contains(b.String(), "\n    runuser -u resetd -- resetd --config /etc/resetd/resetd.env check\n") || s.readers() != "root and the service" {
		t.Errorf("%s, %s", s.readers(), &b)
	}
}

// A file that was made beforehand, with its owner and mode, explains the settings too.
func TestInitFillsAnEmptyFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resetd.env")
	if err := os.WriteFile(file, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	initialised(t, "http://localhost:8080\nsqlite:"+file+".db\nconsole:\n", file)
	text, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(text), "\n# ") || !strings.Contains(string(text), "\nRESETD_BASE_URL=http://localhost:8080\n") {
		t.Errorf("%v:\n%s", err, text)
	}
}
