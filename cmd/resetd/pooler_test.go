package main

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
)

// remedy finds the statement that the refusal names.
var remedy = regexp.MustCompile(`ALTER ROLE [^;]*;`)

// pooled is a database of a role of its own, which a pooler reaches.
type pooled struct {
	testkit.Database
	direct string // as the role
}

func newPooled(t *testing.T) pooled {
	t.Helper()
	role := roleName(t) + "-1"
	quoted := `"` + role + `"`
	t.Cleanup(func() { _ = testkit.DropRole(quoted) })
	db := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
	db.SQL(t, `CREATE ROLE `+quoted+` LOGIN SUPERUSER PASSWORD 'secret'`)
	return pooled{db, withParameters(t, db.URL, url.UserPassword(role, "secret"))}
}

// command runs a command with the database and returns its status and output.
func command(t *testing.T, databaseURL string, args ...string) (status int, output string) {
	t.Helper()
	env := map[string]string{"RESETD_DATABASE_URL": databaseURL, "RESETD_SECRET_KEY": aKey, "RESETD_ADDR": "127.0.0.1:0"}
	var out strings.Builder
	status = run(t.Context(), args, func(name string) string { return env[name] }, strings.NewReader(""), &out, &out)
	return status, out.String()
}

// Otherwise the tables would be created in public, and an existing record would seem
// empty.
func TestSearchPathThatAPoolerDropsIsRefused(t *testing.T) {
	for name, settings := range map[string]string{
		"ignored by the pooler": "ignore_startup_parameters=search_path,options",
		"refused by the pooler": "ignore_startup_parameters=extra_float_digits",
	} {
		t.Run(name, func(t *testing.T) {
			db := newPooled(t)
			at := testkit.Pooler(t, db.direct, settings)
			named := withParameters(t, at, nil, "search_path", "Resetd, public")
			for _, args := range [][]string{{"serve"}, {"migrate", "up"}, {"migrate", "status"}, {"users", "list"}, {"staff", "list"}, {"history"}, {"purge", "--older-than", "400d"}, {"check"}} {
				status, out := command(t, named, args...)
				if status != 1 || !remedy.MatchString(out) || !strings.Contains(out, "ignore_startup_parameters") {
					t.Errorf("%s: status %d, want 1 and the remedy:\n%s", args, status, out)
				}
			}
			if n := db.Text(t, `SELECT count(*) FROM pg_class WHERE relname LIKE '%reset%'`); n != "0" {
				t.Errorf("%s tables were created", n)
			}
		})
	}
}

func TestSearchPathAfterItsRemedy(t *testing.T) {
	for name, c := range map[string]struct{ parameter, value string }{
		"search_path": {"search_path", `"$user", resetd`},
		"options":     {"options", `-c work_mem=5MB -c search_path=resetd,\ public`},
	} {
		t.Run(name, func(t *testing.T) {
			db := newPooled(t)
			at := testkit.Pooler(t, db.direct)
			_, out := command(t, withParameters(t, at, nil, c.parameter, c.value), "migrate", "up")
			db.SQL(t, remedy.FindString(out), `CREATE SCHEMA resetd`)
			at = testkit.Pooler(t, db.direct) // the remedy counts for new connections
			status, out := command(t, withParameters(t, at, nil, c.parameter, c.value), "migrate", "up")
			if status != 0 {
				t.Errorf("status %d:\n%s", status, out)
			}
		})
	}
}

// A pooler without the parameter, and a direct connection with it, work as before.
func TestSearchPathThatTakesEffect(t *testing.T) {
	for name, at := range map[string]func(*testing.T, string) string{
		"none through the pooler": func(t *testing.T, direct string) string { return testkit.Pooler(t, direct) },
		"direct": func(t *testing.T, direct string) string {
			return withParameters(t, direct, nil, "search_path", `resetd,"Other", PUBLIC`)
		},
		"the last option": func(t *testing.T, direct string) string {
			return withParameters(t, direct, nil, "options", `--search-path=resetd -c search_path=public`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if status, out := command(t, at(t, newPooled(t).direct), "migrate", "up"); status != 0 {
				t.Errorf("status %d:\n%s", status, out)
			}
		})
	}
}

// All start at once, on an empty database, and none waits for ever.
func TestServicesBehindAPooler(t *testing.T) {
	at := testkit.Pooler(t, testkit.EmptyPostgres(t))
	ctx, stop := context.WithCancel(t.Context())
	others := make(chan int, 2)
	var out logBuffer
	for range cap(others) {
		env := map[string]string{"RESETD_DATABASE_URL": at, "RESETD_SECRET_KEY": aKey, "RESETD_ADDR": "127.0.0.1:0"}
		go func() {
			others <- run(ctx, []string{"serve"}, func(name string) string { return env[name] }, nil, &out, &out)
		}()
	}
	p := launch(t, map[string]string{"RESETD_DATABASE_URL": at, "RESETD_SECRET_KEY": aKey}, "serve")
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(p.out.String())
		}
	})
	for range 10 {
		p.Request("user@example.org").Is(http.StatusOK)
	}
	for start := time.Now(); strings.Count(out.String(), `"msg":"serving"`) < cap(others); time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			t.Fatalf("they do not serve:\n%s", out.String())
		}
	}
	stop()
	for range cap(others) {
		if status := <-others; status != 0 {
			t.Errorf("exit status %d:\n%s", status, out.String())
		}
	}
	if status, text := command(t, at, "migrate", "status"); status != 0 || strings.Contains(text, "pending") {
		t.Errorf("status %d:\n%s", status, text)
	}
}
