package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"resetd/internal/testkit"
)

// copied runs resetd copy with the settings of a site.
func (s *site) copied(env map[string]string, stdin string, args ...string) (status int, out string) {
	s.Helper()
	var b bytes.Buffer
	getenv := func(name string) string {
		switch name {
		case "RESETD_DATABASE_URL":
			return s.db.URL
		case "RESETD_ADDR":
			return "127.0.0.1:1" // nothing listens there
		default:
			return env[name]
		}
	}
	status = run(s.Context(), append([]string{"copy"}, args...), getenv, strings.NewReader(stdin), &b, &b)
	return status, b.String()
}

// Links that were sent before a copy open and can be used after it.
func TestLinksSurviveACopyToPostgres(t *testing.T) {
	old := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)})
	stop := old.working()
	old.user("user@example.org")
	old.user("other@example.org")
	used, link := old.ask("other@example.org"), old.ask("user@example.org")
	b := old.browser()
	b.Choose(b.OpenLink(used), newPassword, newPassword).Is(http.StatusSeeOther)
	old.browser().With("User-Agent", testkit.Visitor.Agent).Get(link)
	old.browser().Post("/login", "email", "user@example.org", "password", "wrong")
	old.browser().Post("/password-reset", "email", "nobody@example.org").Is(http.StatusSeeOther)
	old.mails()
	stop()

	target := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	file := filepath.Join(t.TempDir(), "target")
	if err := os.WriteFile(file, []byte(target.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, out := old.copied(map[string]string{"RESETD_COPY_TO_FILE": file}, "")
	if status != 0 || !strings.Contains(out, "digests agree") || !strings.Contains(out, "RESETD_SECRET_KEY_FILE") {
		t.Fatalf("status %d:\n%s", status, out)
	}
	for _, table := range []string{"password_resets", "reset_deliveries", "reset_events", "reset_limits", "users"} {
		count := `SELECT count(*) FROM ` + table
		if got, want := target.Text(t, count), old.db.Text(t, count); got != want || want == "0" {
			t.Errorf("%s: %s rows, want %s", table, got, want)
		}
	}
	next := newSite(t, target).work()
	b = next.browser()
	b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
	if !next.signsIn("user@example.org", newPassword) || !next.signsIn("other@example.org", newPassword) {
		t.Error("a password does not sign in")
	}
	next.browser().Get(used).Is(http.StatusGone)
	if got := len(next.mails()); got != 1 {
		t.Errorf("%d emails were sent after the copy, want the notice alone", got)
	}
	if status, out := old.copied(nil, target.URL+"\n"); status != 1 || !strings.Contains(out, "has rows already") {
		t.Errorf("a second copy: status %d:\n%s", status, out)
	}
}

func TestCopyRefuses(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)})
	s.user("user@example.org")
	target := testkit.EmptyPostgres(t)
	for name, c := range map[string]struct {
		env   map[string]string
		stdin string
		args  []string
		want  string
	}{
		"no target":            {nil, "", nil, "name the target"},
		"another SQLite":       {nil, "", []string{"--to", "sqlite:" + t.TempDir() + "/x.db"}, "to PostgreSQL"},
		"no server":            {nil, "", []string{"--to", "postgres://resetd@127.0.0.1:1/app"}, "connection refused; correct --to"},
		"a running service":    {map[string]string{}, "", []string{"--to", target}, "stop it first"},
		"both ways of a value": {map[string]string{"RESETD_COPY_TO": target, "RESETD_COPY_TO_FILE": "x"}, "", nil, "set either"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a running service" {
				c.args = append(c.args, "--addr", strings.TrimPrefix(s.url, "http://"))
			}
			if status, out := s.copied(c.env, c.stdin, c.args...); status != 1 || !strings.Contains(out, c.want) {
				t.Errorf("status %d, no %q in:\n%s", status, c.want, out)
			}
		})
	}
	if status, out := s.copied(nil, "", "--to", strings.Replace(target, "@", ":secret@", 1)); !strings.Contains(out, "warning") || strings.Contains(out, "secret") {
		t.Errorf("a password in an argument: status %d:\n%s", status, out)
	}
}

// If a row is changed on its way, nothing is copied.
func TestCopyVerifiesWhatArrived(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)})
	s.user("user@example.org")
	target := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
	target.SQL(t, `CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'Somebody else'; RETURN NEW; END $$`,
		`CREATE TRIGGER spoil BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION spoil()`)
	status, out := s.copied(nil, target.URL+"\n")
	if status != 1 || !strings.Contains(out, "copy users: verification failed") || target.Text(t, `SELECT count(*) FROM users`) != "0" {
		t.Errorf("status %d:\n%s", status, out)
	}
}
