//go:build drill

package drill

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/postgres"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/testkit/webtest"
)

// resets is how many the record has: a year of a site with about 500 a day.
const resets = 200_000

// binary is the built program, the same for all tests.
var binary string

func TestMain(m *testing.M) { os.Exit(instance.Main(m, &binary)) }

// fill adds withheld resets of the past, each with its delivery.
func fill(t *testing.T, db testkit.Database) {
	t.Helper()
	id := map[string]string{"postgres": "gen_random_uuid()", "sqlite": `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`}[db.Name]
	at := map[string]string{"postgres": "CAST('2031-01-01' AS timestamptz) + n * interval '150 seconds'", "sqlite": "strftime('%Y-%m-%d %H:%M:%S', '2031-01-01', (n * 150) || ' seconds') || '.000000+00:00'"}[db.Name]
	end := strings.Replace(at, "2031-01-01", "2031-01-02", 1)
	ip := map[string]string{"postgres": "CAST('203.0.113.9' AS inet)", "sqlite": "'203.0.113.9'"}[db.Name]
	db.SQL(t, fmt.Sprintf(`
		INSERT INTO password_resets (id, created_at, expires_at, email, created_by_ip, created_by_agent, requested_by, withheld)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
		SELECT %s, %s, %s, 'user' || n || '@example.org', %s, 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0', 'user', 'no_account' FROM numbers`, resets, id, at, end, ip),
		fmt.Sprintf(`INSERT INTO reset_deliveries (id, reset_id, created_at, kind) SELECT %s, id, created_at, 'reset_link' FROM password_resets`, id))
}

// ask requests a link and returns its path.
func ask(t *testing.T, at string, sink *smtpsink.Sink) string {
	t.Helper()
	n := len(sink.Messages())
	webtest.New(t, at).Request("user@example.org").Is(http.StatusSeeOther)
	return strings.TrimPrefix(sink.Wait(t, n+1)[n].Link("/password-reset/confirm/"), at)
}

// timed prints how long a step takes.
func timed(t *testing.T, what string, step func()) {
	t.Helper()
	began := time.Now()
	step()
	t.Logf("%-45s %6.2f s", what, time.Since(began).Seconds())
}

func command(t *testing.T, env map[string]string, name string, args ...string) {
	t.Helper()
	cmd := instance.Command(t.Context(), name, env, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out.String())
	}
}

// beside returns the path of a program of PostgreSQL.
func beside(t *testing.T, program string) string {
	t.Helper()
	if folder, err := postgres.Programs(); err == nil {
		if path := filepath.Join(folder, program); exec.Command(path, "--version").Run() == nil {
			return path
		}
	}
	return program
}

func TestRestore(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		sink := smtpsink.Start(t, smtpsink.Options{})
		env := map[string]string{"RESETD_DATABASE_URL": db.URL, "RESETD_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "RESETD_MAIL_URL": sink.URL()}
		testkit.AddUser(t, db.Open(t), "user@example.org", testkit.PasswordHash)
		timed(t, fmt.Sprintf("fill %d resets", resets), func() { fill(t, db) })
		running, err := instance.Start(t.Context(), binary, env, "serve")
		if err != nil {
			t.Fatal(err)
		}
		link := ask(t, running.URL, sink)
		dir := t.TempDir()
		next := testkit.Database{Name: db.Name}
		if db.Name == "sqlite" {
			timed(t, "resetd backup, while it runs", func() { command(t, env, binary, "backup", dir+"/copy.db") })
		} else {
			timed(t, "pg_dump, while it runs", func() { command(t, nil, beside(t, "pg_dump"), "--format=custom", "--file="+dir+"/dump", db.URL) })
		}
		running.Kill()
		mails := len(sink.Messages())
		began := time.Now()
		if db.Name == "sqlite" {
			next.URL = "sqlite:" + dir + "/restored.db"
			timed(t, "cp", func() { command(t, nil, "cp", dir+"/copy.db", dir+"/restored.db") })
		} else {
			next.URL = testkit.EmptyPostgres(t)
			timed(t, "pg_restore", func() {
				command(t, nil, beside(t, "pg_restore"), "--exit-on-error", "--no-owner", "--dbname="+next.URL, dir+"/dump")
			})
		}
		after := maps.Clone(env)
		after["RESETD_DATABASE_URL"] = next.URL
		restored, err := instance.Start(t.Context(), binary, after, "serve")
		if err != nil {
			t.Fatal(err)
		}
		defer restored.Stop()
		webtest.New(t, restored.URL).OpenLink(link)
		t.Logf("%-45s %6.2f s", "from the loss until a link opens again", time.Since(began).Seconds())
		ask(t, restored.URL, sink) // the queue is served in order, so an email that is repeated would come first
		if got := len(sink.Messages()) - mails; got != 1 {
			t.Errorf("%d emails came after the restore, want the new one alone", got)
		}
	})
}

func TestMoveToPostgres(t *testing.T) {
	db := testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}
	fill(t, db)
	env := map[string]string{"RESETD_DATABASE_URL": db.URL, "RESETD_COPY_TO": testkit.EmptyPostgres(t), "RESETD_ADDR": "127.0.0.1:1"}
	timed(t, fmt.Sprintf("resetd copy, %d rows", 2*resets), func() { command(t, env, binary, "copy") })
}
