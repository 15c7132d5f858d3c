//go:build integrations

package integrations

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/loopback"
)

// framework is a small application of a framework: how to run it, and which of its data
// a reset must change.
type framework struct {
	folder   string            // below testdata
	preset   string            // RESETD_ACCOUNTS
	env      []string          // more variables of the application; HOME is a separate folder
	settings map[string]string // more variables of resetd
	schemes  map[string]string // the schemes of its database URLs, if not the database's name
	install  [][]string        // commands that create its tables, and accounts from standard input
	server   []string          // the command; ADDR and PORT are replaced
	login    string            // its sign-in page
	admin    string            // the sign-in page that the first account uses, if it is another
	fields   [2]string         // of that page: name or address, password
	byName   bool              // people sign in with a name, not with an address
	sessions bool              // sessions continue after a reset
	table    string            // of the accounts, quoted for SQL
	hashes   string            // the table with the columns, if it is another
	columns  []string          // of an account that a reset changes
	unlocks  []string          // columns of a locked account that it changes too
	grants   []string          // privileges of resetd's role, as in the framework's document
	ends     string            // a query for the rows, as table/key, that a reset of account %s removes

	databases []string // if not SQLite and PostgreSQL
	email     string   // the column with the address, if it is not email
	unique    bool     // addresses are unique, on MariaDB without regard to case
}

// application is a running application and resetd, on one database.
type application struct {
	*testing.T
	framework
	db          testkit.Database // for the application
	own         testkit.Database // for resetd's record
	accountsURL string           // for resetd's accounts, if they are in another database
	url         string
	env         []string
	log         string // a file
	people      []person
	beside      *resetd
}

// prove runs the proof on all databases in parallel.
func prove(t *testing.T, f framework, people []person) {
	t.Helper()
	t.Parallel()
	if len(f.databases) == 0 {
		f.databases = []string{"sqlite", "postgres"}
	}
	for _, name := range f.databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &application{T: t, framework: f, people: people}
			switch name {
			case "sqlite":
				file := filepath.Join(t.TempDir(), "app.db")
				a.must(os.WriteFile(file, nil, 0o600)) // Laravel does not create it
				a.db = testkit.Database{Name: "sqlite", URL: "sqlite:" + file}
				a.own = a.db
			case "postgres":
				a.db = testkit.Database{Name: "postgres", URL: testkit.EmptyPostgres(t)}
				a.own = a.db
			case "mariadb":
				a.db = testkit.Database{Name: "mysql", URL: testkit.MariaDB(t)}
				a.own = testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}
				if f.unique {
					a.people = slices.DeleteFunc(slices.Clone(people), person.twin)
				}
			}
			a.prove()
		})
	}
}

// start creates tables and accounts, and serves.
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
	switch a.db.Name {
	case "postgres":
		a.own.URL = a.role()
	case "mysql":
		a.accountsURL = a.mariaUser()
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

// databaseURL returns the database's URL in the form of the framework.
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

// eventually waits until a condition is true, at most a minute.
func (a *application) eventually(what string, done func() bool) {
	a.Helper()
	for start := time.Now(); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			log, _ := os.ReadFile(a.log)
			a.Fatalf("timeout after a minute: %s\n%s\n%s", what, log, a.beside.log())
		}
	}
}
