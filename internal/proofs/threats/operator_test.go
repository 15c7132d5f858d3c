package threats

import (
	"bufio"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
)

func TestWrongConfiguration(t *testing.T) {
	t.Parallel()
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &service{T: t, env: map[string]string{}}
	wrong := vars{
		"BASE_URL": "http://accounts.example.org/path", "SITE_NAME": "two\nlines", "LINK_LIFETIME": "25h", "RETENTION": "1h", "TRUSTED_PROXIES": "everybody",
		"ACCENT_COLOR": "sky", "TEMPLATES_DIR": filepath.Join(dir, "nowhere"), "ACCOUNTS": "nobody", "LOGIN_URL": "//evil.example", "SECRET_KEY": "too-short-secret",
		"MAIL_URL": "smtp://user:mail-secret@mail.example.org/path", "MAIL_FROM": "Example <a@example.org>", "MAIL_REPLY_TO": "x", "PASSWORD_MIN_LENGTH": "4",
		"PASSWORD_MAX_LENGTH": "10", "HASH_MEMORY": "1", "HASH_QUEUE": "1", "LIMIT_ADDRESS": "5", "LIMIT_IP": "x/1h", "LIMIT_LINK": "-1/1h", "LIMIT_SIGNIN": "5/0s",
	}
	s.set(wrong)
	s.set(vars{"ADDR": addr, "DATABASE_URL": "sqlite:" + filepath.Join(dir, "data", "resetd.db")})
	status, out, problems := s.command("serve")
	if status != 1 || out != "" {
		t.Errorf("status %d and %q on standard output, want 1 and nothing", status, out)
	}
	for name := range wrong {
		if !strings.Contains(problems, "RESETD_"+name+":") && !strings.Contains(problems, "RESETD_"+name+",") {
			t.Errorf("no problem of RESETD_%s in:\n%s", name, problems)
		}
	}
	for line := range strings.Lines(problems) {
		if !strings.HasPrefix(line, "resetd: RESETD_") {
			t.Errorf("a line does not begin with the variable: %q", line)
		}
	}
	if strings.Contains(problems, "mail-secret") || strings.Contains(problems, "too-short-secret") {
		t.Errorf("a secret is printed:\n%s", problems)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v %v is left, want nothing started", left, err)
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		_ = conn.Close()
		t.Error("it listens")
	}
}

// serve waits for a database that is starting. Other commands report it.
func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	s := &service{T: t, env: map[string]string{"RESETD_SECRET_KEY": secretKey}}
	s.set(vars{"DATABASE_URL": "postgres://resetd:db-secret@127.0.0.1:1/x?sslmode=disable"})
	status, _, problems := s.command("migrate", "status")
	if status != 1 || !strings.Contains(problems, "database") || strings.Contains(problems, "db-secret") {
		t.Errorf("migrate: status %d, want 1 and no secret:\n%s", status, problems)
	}
	cmd := instance.Command(t.Context(), binary, s.env, "serve")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(log).ReadString('\n')
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if !strings.Contains(line, "waiting for the database") || !strings.Contains(line, "connection refused") || strings.Contains(line, "db-secret") {
		t.Errorf("serve logged %q", line)
	}
}

// eachEmpty is each with empty databases and before the program starts.
func eachEmpty(t *testing.T, test func(s *service)) {
	t.Parallel()
	for _, db := range []testkit.Database{
		{Name: "sqlite", URL: "sqlite:" + filepath.Join(t.TempDir(), "new", "resetd.db")}, {Name: "postgres", URL: testkit.EmptyPostgres(t)},
	} {
		t.Run(db.Name, func(t *testing.T) { test(prepare(t, db, nil)) })
	}
}

func TestMigrationsRunOnce(t *testing.T) {
	eachEmpty(t, func(s *service) {
		var all sync.WaitGroup
		started := make([]*instance.Instance, 5)
		for i := range started {
			all.Go(func() {
				var err error
				if started[i], err = instance.Start(s.Context(), binary, maps.Clone(s.env), "serve"); err != nil {
					s.Error(err)
				}
			})
		}
		all.Wait()
		for _, i := range started {
			if i == nil {
				s.Fatal("not all processes started")
			}
			s.Cleanup(i.Kill)
			if log := i.Log(); strings.Contains(log, `"ERROR"`) || strings.Contains(log, `"WARN"`) {
				s.Errorf("a process logged a problem:\n%s", log)
			}
		}
		for table, files := range map[string]string{"reset_schema_version": "*.sql", "reset_builtin_schema_version": "builtin/*.sql"} {
			migrations, err := filepath.Glob(filepath.Join("../../../migrations", s.db.Name, files))
			s.must(err)
			// goose begins each table with a version 0.
			s.is(fmt.Sprint(len(migrations)+1), `SELECT count(*) FROM `+table)
			s.is(fmt.Sprint(len(migrations)+1), `SELECT count(DISTINCT version_id) FROM `+table)
		}
		for _, i := range started[:4] { // whose emails have links of their own
			i.Kill()
		}
		s.program = started[4]
		s.account(user)
		s.browser().finish(s.ask(user), newPassword)
	})
}

// rows adds n resets of an age, with values for further columns.
func (s *service) rows(n int, age time.Duration, columns, values string) {
	s.Helper()
	numbers, id := `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS n`, `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`
	if s.db.Name == "postgres" {
		numbers, id = `generate_series(1, %d)`, `gen_random_uuid()`
	}
	state := `'x'`
	if strings.Contains(columns, "withheld") && !strings.HasPrefix(values, "NULL") {
		state = `NULL` // there is no link
	}
	s.db.SQL(s.T, fmt.Sprintf(`INSERT INTO password_resets (id, created_at, expires_at, user_id, account_state, email, created_by_ip, `+columns+`)
		SELECT `+id+`, `+at(-age)+`, `+at(-age+time.Hour)+`, 'x', `+state+`, 'nobody@example.org', '203.0.113.9', `+values+` FROM `+numbers, n))
}
