package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/testkit/webtest"
	"resetd/internal/traces"
	"resetd/internal/users"
)

const (
	oldPassword = testkit.Password
	newPassword = "an otter in the attic"
)

// site is the whole service on one database, with an email server and a clock that the
// test moves.
type site struct {
	*testing.T
	db    testkit.Database
	app   *app
	clock *testkit.Clock
	now   func() time.Time // the app's; usually clock.Now
	sink  *smtpsink.Sink
	log   *logBuffer
	url   string
}

// setting changes the configuration of a site.
type setting func(*config.Settings, *config.Secrets)

// eachSite runs a test on both databases in parallel, because much of the time is
// waiting.
func eachSite(t *testing.T, test func(s *site), settings ...setting) {
	t.Helper()
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		t.Parallel()
		test(newSite(t, db, settings...).work())
	})
}

func newSite(t *testing.T, db testkit.Database, settings ...setting) *site {
	t.Helper()
	clock := testkit.NewClock()
	return (&site{T: t, db: db, clock: clock, now: clock.Now, log: &logBuffer{}}).open(settings)
}

// open starts the app, with an email server of its own.
func (s *site) open(settings []setting) *site {
	s.Helper()
	t := s.T
	s.sink = smtpsink.Start(t, smtpsink.Options{SMTPUTF8: true})
	server := httptest.NewUnstartedServer(nil)
	s.url = "http://" + server.Listener.Addr().String()
	s.app = s.start(settings)
	server.Config.Handler = s.app.handler
	server.Start()
	t.Cleanup(func() { _ = s.app.close() })
	t.Cleanup(server.Close)
	return s
}

// work runs the worker until the test ends.
func (s *site) work() *site {
	s.Cleanup(s.working())
	return s
}

// working runs the worker until the returned function is called.
func (s *site) working() (stop func()) {
	working, cancel := context.WithCancel(context.Background())
	var background sync.WaitGroup
	background.Go(func() { s.app.worker.Run(working) })
	background.Go(func() { s.app.readiness.run(working) })
	return func() {
		cancel()
		background.Wait()
	}
}

func (s *site) start(settings []setting) *app {
	s.Helper()
	var vars config.Settings
	s.must(kong.ApplyDefaults(&vars))
	vars.LimitAddress, vars.LimitIP, vars.LimitLink, vars.LimitSignin, vars.LimitSigninAccount = "0", "0", "0", "0", "0" // the tests of limits set them
	vars.BaseURL, vars.SiteName, vars.MailFrom = s.url, "Example Site", "accounts@example.org"
	secrets := config.Secrets{
		DatabaseURL: s.db.URL, MailURL: s.sink.URL(),
		SecretKey: "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
	}
	for _, set := range settings {
		set(&vars, &secrets)
	}
	cfg, err := config.Check(vars, secrets)
	s.must(err)
	a, err := newApp(cfg, slog.New(traces.Log(slog.NewJSONHandler(s.log, nil))), s.now, io.Discard, newMetrics())
	s.must(err)
	return a
}

// logBuffer is a log that can be read while others write to it.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (s *site) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// user adds an account with oldPassword.
func (s *site) user(email string, change ...func(*users.User)) reset.Account {
	s.Helper()
	return testkit.AddUser(s, s.app.store, email, testkit.PasswordHash, change...)
}

func (s *site) hash(plain string) string {
	s.Helper()
	hash, err := s.app.hasher.Hash(s.Context(), password.ForReset, plain)
	s.must(err)
	return hash
}

// settled waits until the queue is empty.
func (s *site) settled() {
	s.Helper()
	s.eventually("the queue is empty", func() bool {
		return s.db.Text(s.T, `SELECT count(*) FROM reset_deliveries WHERE next_attempt_at IS NOT NULL`) == "0"
	})
}

// eventually waits until a condition is true, at most a minute.
func (s *site) eventually(what string, done func() bool) {
	s.Helper()
	for start := time.Now(); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			s.Fatalf("timeout after a minute: %s", what)
		}
	}
}

// emails returns all emails so far. First it waits until the queue is empty.
func (s *site) mails() []smtpsink.Message {
	s.Helper()
	s.settled()
	return s.sink.Messages()
}

// ready waits until /readyz answers yes or no.
func (s *site) ready(want bool) {
	s.Helper()
	status, body := http.StatusOK, "ok\n"
	if !want {
		status, body = http.StatusServiceUnavailable, "no\n"
	}
	var p page
	s.eventually("/readyz", func() bool { p = s.browser().Get("/readyz"); return p.Status == status })
	if p.Body != body {
		s.Errorf("/readyz contains %q, want %q", p.Body, body)
	}
}

// ask requests a link for an address and returns the link from the mail.
func (s *site) ask(email string) string {
	s.Helper()
	before := len(s.mails())
	s.browser().Post("/password-reset", "email", email).Is(http.StatusSeeOther)
	mails := s.mails()
	if len(mails) != before+1 {
		s.Fatalf("%d emails came, want 1", len(mails)-before)
	}
	return s.linkIn(mails[before])
}

func (s *site) linkIn(m smtpsink.Message) string {
	s.Helper()
	return s.find("/password-reset/confirm/", m)
}

func (s *site) notMeIn(m smtpsink.Message) string {
	s.Helper()
	return s.find("/password-reset/not-me/", m)
}

// find returns the path of an email's link to a page.
func (s *site) find(page string, m smtpsink.Message) string {
	s.Helper()
	link := m.Link(page)
	if !strings.HasPrefix(link, s.url) || !strings.Contains(m.HTML(s), link) {
		s.Fatalf("the email has no link to %s:\n%s", page, m.Text(s))
	}
	return strings.TrimPrefix(link, s.url)
}

// browser is a browser at the site.
type browser struct {
	*site
	*webtest.Browser
}

type page = webtest.Page

func (s *site) browser() *browser { return &browser{s, webtest.New(s.T, s.url)} }

// With sets a header for all further requests.
func (b *browser) With(name, value string) *browser {
	b.Browser.With(name, value)
	return b
}

// opened adds an account, and returns a browser with the form behind a new link to it.
func (s *site) opened(email string) (*browser, page) {
	s.Helper()
	s.user(email)
	b := s.browser()
	return b, b.OpenLink(s.ask(email))
}

// signsIn reports whether an address and a password sign in.
func (s *site) signsIn(email, plain string) bool {
	s.Helper()
	return s.browser().Post("/login", "email", email, "password", plain).Status == http.StatusSeeOther
}

// accepts checks whether an address and a password sign in.
func (s *site) accepts(email, plain string, want bool) {
	s.Helper()
	if got := s.signsIn(email, plain); got != want {
		s.Errorf("%s signs in with %q: got %v, want %v", email, plain, got, want)
	}
}

// stored checks what the database answers to a query.
func (s *site) stored(query, want string) {
	s.Helper()
	if got := s.db.Text(s.T, query); got != want {
		s.Errorf("%s\ngot %s, want %s", query, got, want)
	}
}

// sent checks how many emails were sent.
func (s *site) sent(want int) {
	s.Helper()
	if got := len(s.mails()); got != want {
		s.Errorf("%d emails, want %d", got, want)
	}
}

// resets returns all rows, newest first.
func (s *site) resets() []reset.Reset {
	s.Helper()
	return testkit.Resets(s, s.app.store, history.Filter{}, s.clock.Now())
}
