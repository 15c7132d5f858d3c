//go:build integrations

package integrations

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/loopback"
)

// framework is an application of its kind: how it is run, and what resetd is to
// change of its data.
type framework struct {
	folder   string            // below testdata
	preset   string            // RESETD_ACCOUNTS, or what an own file starts from
	edits    []string          // what an own file changes of the preset: was, is, ...
	env      []string          // of the application, beside what all have; HOME is a folder of its own
	settings map[string]string // more of resetd's environment
	schemes  map[string]string // how its database URLs begin, where not with the database's name
	install  [][]string        // make its tables, and accounts of the lines that they read
	server   []string          // ADDR and PORT are its own
	login    string            // its sign-in page
	admin    string            // the sign-in page that the first account uses, if it is another
	fields   [2]string         // of that page: name or address, password
	byName   bool              // people sign in with a name, not with an address
	sessions bool              // they outlive a reset
	table    string            // of the accounts, as SQL wants it
	columns  []string          // of an account, that a reset changes
	grants   []string          // what resetd's role may do, as the framework's page says
	ends     string            // a query: the row, as table/key, that goes with account %s
}

// application is one that runs, on one database, and resetd beside it.
type application struct {
	*testing.T
	framework
	db     testkit.Database // as the application has it
	own    testkit.Database // as resetd has it
	url    string
	env    []string
	log    string // a file
	people []person
	beside *resetd
}

// prove runs the proof with both databases, all of them at the same time.
func prove(t *testing.T, f framework, people []person) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "app.db")
		if err := os.WriteFile(file, nil, 0o600); err != nil { // Laravel does not make it
			t.Fatal(err)
		}
		db := testkit.Database{Name: "sqlite", URL: "sqlite:" + file}
		(&application{T: t, framework: f, db: db, own: db, people: people}).prove()
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		db := testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
		(&application{T: t, framework: f, db: db, own: db, people: people}).prove()
	})
}

// start makes tables and accounts, and serves.
func (a *application) start() {
	a.Helper()
	addr, err := loopback.FreeAddr(a.Context())
	a.must(err)
	a.beside = newResetd(a)
	a.url = "http://" + addr
	home := a.TempDir()
	a.env = []string{
		"PATH=/usr/bin:/bin", "HOME=" + home, "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1",
		"SECRET_KEY=" + secretKey, "DATABASE_URL=" + a.databaseURL(), "RESETD_URL=" + a.beside.url,
	}
	for _, variable := range a.framework.env {
		a.env = append(a.env, strings.Replace(variable, "HOME", home, 1))
	}
	for _, args := range a.install {
		cmd := a.command(args)
		cmd.Stdin = strings.NewReader(a.lines())
		if out, err := cmd.CombinedOutput(); err != nil {
			a.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
	if a.db.Name == "postgres" {
		a.own.URL = a.role()
	}
	a.serve(addr)
}

// serve runs the application until the test ends.
func (a *application) serve(addr string) {
	a.Helper()
	_, port, _ := strings.Cut(addr, ":")
	var args []string
	for _, arg := range a.server {
		args = append(args, strings.NewReplacer("ADDR", addr, "PORT", port).Replace(arg))
	}
	cmd := a.command(args)
	a.log = filepath.Join(a.TempDir(), "log")
	log, err := os.Create(a.log)
	a.must(err)
	cmd.Stdout, cmd.Stderr = log, log
	a.must(cmd.Start())
	a.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	a.eventually("the application answers", func() bool {
		res, err := http.Get(a.url + a.login)
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	})
}

func (a *application) command(args []string) *exec.Cmd {
	cmd := exec.CommandContext(a.Context(), args[0], args[1:]...)
	cmd.Dir, cmd.Env = filepath.Join("testdata", a.folder), a.env
	return cmd
}

// databaseURL is the database as the framework wants it named.
func (a *application) databaseURL() string {
	scheme, rest, _ := strings.Cut(a.db.URL, ":")
	if own := a.schemes[scheme]; own != "" {
		return own + rest
	}
	return scheme + ":" + rest
}

func (a *application) must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// eventually waits for what happens by itself; it fails after far longer than
// that ever takes.
func (a *application) eventually(what string, done func() bool) {
	a.Helper()
	for start := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			log, _ := os.ReadFile(a.log)
			a.Fatalf("waited for a minute, and still not: %s\n%s\n%s", what, log, a.beside.log())
		}
	}
}
