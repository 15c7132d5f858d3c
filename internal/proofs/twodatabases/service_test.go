package twodatabases

import (
	"cmp"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resetd/internal/password"
	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/testkit/webtest"
)

// binary is the built program, the same for all tests.
var binary string

func TestMain(m *testing.M) { os.Exit(instance.Main(m, &binary)) }

const newPassword = "an otter in the attic"

// service is the running program, with an empty record and an application's accounts.
type service struct {
	*testing.T
	testkit.Pair
	line *testkit.Line // to the accounts
	sink *smtpsink.Sink
	env  map[string]string
	at   *instance.Instance
}

func each(t *testing.T, test func(s *service)) {
	t.Helper()
	t.Parallel()
	testkit.EachPair(t, func(t *testing.T, a testkit.Pair) {
		a.Record.URL = "sqlite:" + filepath.Join(t.TempDir(), "record.db")
		if a.Record.Name == "postgres" {
			a.Record.URL = testkit.EmptyPostgres(t)
		}
		s := &service{T: t, Pair: a, line: testkit.NewLine(t, a.Accounts.URL), sink: smtpsink.Start(t, smtpsink.Options{})}
		file := filepath.Join(t.TempDir(), "members.toml")
		s.must(os.WriteFile(file, []byte(testkit.ApplicationAccounts), 0o600))
		s.env = map[string]string{
			"RESETD_DATABASE_URL": a.Record.URL, "RESETD_ACCOUNTS_DATABASE_URL": s.line.URL, "RESETD_ACCOUNTS": file, "RESETD_LOGIN_URL": "https://example.org/login",
			"RESETD_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "RESETD_MAIL_URL": s.sink.URL(), "RESETD_MAIL_FROM": "accounts@example.org",
		}
		var err error
		s.at, err = instance.Start(t.Context(), binary, s.env, "serve")
		s.must(err)
		t.Cleanup(func() { s.at.Kill() })
		test(s)
	})
}

func (s *service) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// check runs resetd check and returns its output.
func (s *service) check(args ...string) string {
	s.Helper()
	out, err := instance.Command(s.Context(), binary, s.env, append([]string{"check"}, args...)...).CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed { //nolint:errorlint // it is returned unwrapped
		s.Fatal(err)
	}
	return string(out)
}

func (s *service) browser() *webtest.Browser { return webtest.New(s.T, s.at.URL) }

func (s *service) ask() { s.Helper(); s.browser().Request("user@example.org").Is(http.StatusSeeOther) }

// mail waits for the n-th email and returns the first of these links in it.
func (s *service) mail(n int) string {
	s.Helper()
	m := s.sink.Wait(s.T, n)[n-1]
	link := cmp.Or(m.Link("/password-reset/confirm/"), m.Link("/password-reset/not-me/"))
	return strings.TrimPrefix(link, s.at.URL)
}

// open follows a link to its form, and returns a function that posts a password.
func (s *service) open(link string) (post func(plain string) webtest.Page) {
	s.Helper()
	b := s.browser()
	form := b.OpenLink(link)
	return func(plain string) webtest.Page { s.Helper(); return b.Choose(form, plain, plain) }
}

// signsIn reports whether a password is the account's.
func (s *service) signsIn(plain string) bool {
	s.Helper()
	hasher, err := password.NewHasher(password.Config{Params: password.OWASP})
	s.must(err)
	right, err := hasher.Verify(s.Context(), password.ForReset, s.Accounts.Text(s.T, `SELECT password_hash FROM members`), plain)
	s.must(err)
	return right
}

func (s *service) wantText(db testkit.Database, query, want string) {
	s.Helper()
	if got := db.Text(s.T, query); got != want {
		s.Errorf("%s: got %s, want %s", query, got, want)
	}
}

// eventually waits for the answer to a query.
func (s *service) eventually(db testkit.Database, query, want string) {
	s.Helper()
	for deadline := time.Now().Add(time.Minute); db.Text(s.T, query) != want; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.Fatalf("%s is not %s within a minute\n%s", query, want, s.at.Log())
		}
	}
}
