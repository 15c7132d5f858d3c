package threats

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os/exec"
	"strings"
	"testing"
	"time"

	"resetd/internal/reset"
	"resetd/internal/store/sqldb"
	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

const (
	oldPassword = testkit.Password
	newPassword = "an otter in the attic"
	user        = "user@example.org"
	nobody      = "nobody@example.org"
	secretKey   = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
)

// vars are environment variables without the prefix RESETD_.
type vars map[string]string

// service is the program on one database, with an email server.
type service struct {
	*testing.T
	db      testkit.Database
	sink    *smtpsink.Sink
	env     map[string]string
	program *instance.Instance
}

// each runs a test on both databases, in parallel with other tests.
func each(t *testing.T, set vars, test func(s *service)) {
	t.Helper()
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		test(prepare(t, db, set).start())
	})
}

// prepare creates everything except the process. Limits are off; their tests set them.
func prepare(t *testing.T, db testkit.Database, set vars) *service {
	t.Helper()
	s := &service{T: t, db: db, sink: smtpsink.Start(t, smtpsink.Options{SMTPUTF8: true}), env: map[string]string{}}
	s.set(vars{
		"DATABASE_URL": db.URL, "SECRET_KEY": secretKey, "MAIL_URL": s.sink.URL(),
		"MAIL_FROM": "accounts@example.org", "SITE_NAME": "Example Site",
		"LIMIT_ADDRESS": "0", "LIMIT_IP": "0", "LIMIT_LINK": "0", "LIMIT_SIGNIN": "0", "LIMIT_SIGNIN_ACCOUNT": "0",
	})
	s.set(set)
	return s
}

func (s *service) set(set vars) {
	for name, value := range set {
		s.env["RESETD_"+name] = value
	}
}

func (s *service) start() *service {
	s.Helper()
	s.program = s.another()
	return s
}

// another starts one more process on the same database.
func (s *service) another() *instance.Instance {
	s.Helper()
	i, err := instance.Start(s.Context(), binary, s.env, "serve")
	s.must(err)
	s.Cleanup(i.Kill)
	return i
}

// restart starts the program again at the same address, so links in emails still work.
func (s *service) restart() {
	s.Helper()
	env := maps.Clone(s.env)
	env["RESETD_ADDR"] = strings.TrimPrefix(s.program.URL, "http://")
	i, err := instance.Start(s.Context(), binary, env, "serve")
	s.must(err)
	s.Cleanup(i.Kill)
	s.program = i
}

// command runs another command of the program to its end.
func (s *service) command(args ...string) (status int, stdout, stderr string) {
	s.Helper()
	return s.typed("", args...)
}

// typed runs a command with a text on standard input.
func (s *service) typed(text string, args ...string) (status int, stdout, stderr string) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), time.Minute) // in case the command serves
	defer cancel()
	cmd := instance.Command(ctx, binary, s.env, args...)
	cmd.Dir = s.TempDir()
	var out, problems bytes.Buffer
	cmd.Stdin = strings.NewReader(text)
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		s.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), problems.String()
}

func (s *service) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// account adds an account with oldPassword.
func (s *service) account(email string, change ...func(*users.User)) reset.Account {
	s.Helper()
	return testkit.AddUser(s, s.db.Open(s.T), email, testkit.PasswordHash, change...)
}

// accounts adds one account of each kind that gets no link, and one that gets a link.
func (s *service) accounts() (emails []string) {
	s.Helper()
	s.account(user)
	s.account("inactive@example.org", func(u *users.User) { u.Active = false })
	s.account("new@example.org", func(u *users.User) { u.PasswordHash = "" })
	return []string{user, nobody, "inactive@example.org", "new@example.org"}
}

// is checks the single value of a query.
func (s *service) is(want, query string) {
	s.Helper()
	if got := s.db.Text(s.T, query); got != want {
		s.Errorf("%s: got %q, want %q", query, got, want)
	}
}

// at returns a time relative to now as SQL.
func at(fromNow time.Duration) string { return "'" + sqldb.Format(time.Now().Add(fromNow)) + "'" }

// eventually waits until a condition is true, at most a minute.
func (s *service) eventually(what string, done func() bool) {
	s.Helper()
	for start := time.Now(); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			s.Fatalf("timeout after a minute: %s\n%s", what, s.program.Log())
		}
	}
}
