package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/alecthomas/kong"

	"resetd/internal/config"
	"resetd/internal/history"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/users"
)

const (
	oldPassword = testkit.Password
	newPassword = "an otter in the attic"
)

// site is the whole service on one database, with a mail server and a clock that the
// test moves.
type site struct {
	*testing.T
	db    testkit.Database
	app   *app
	clock *testkit.Clock
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
	s := &site{T: t, db: db, clock: testkit.NewClock(), log: &logBuffer{}}
	s.sink = smtpsink.Start(t, smtpsink.Options{})
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
	a, err := newApp(cfg, slog.New(slog.NewJSONHandler(s.log, nil)), s.clock.Now, io.Discard, newMetrics())
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

// mails returns all mails so far. First it waits until the queue is empty.
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
	s.eventually("/readyz", func() bool { p = s.browser().get("/readyz"); return p.status == status })
	if p.body != body {
		s.Errorf("/readyz contains %q, want %q", p.body, body)
	}
}

var linkPattern = regexp.MustCompile(`https?://\S+/password-reset/confirm/\S+`)

// ask requests a link for an address and returns the link from the mail.
func (s *site) ask(email string) string {
	s.Helper()
	before := len(s.mails())
	s.browser().post("/password-reset", "email", email).is(http.StatusSeeOther)
	mails := s.mails()
	if len(mails) != before+1 {
		s.Fatalf("%d mails came, want 1", len(mails)-before)
	}
	return s.linkIn(mails[before])
}

func (s *site) linkIn(m smtpsink.Message) string {
	s.Helper()
	link := linkPattern.FindString(textOf(s.T, m))
	if link == "" {
		s.Fatalf("no link in the mail:\n%s", textOf(s.T, m))
	}
	return strings.TrimPrefix(link, s.url)
}

// browser keeps cookies and does not follow redirects.
type browser struct {
	*site
	client *http.Client
	header http.Header
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	s.must(err)
	return &browser{site: s, header: http.Header{}, client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// with sets a header for all further requests.
func (b *browser) with(name, value string) *browser {
	b.header.Set(name, value)
	return b
}

// page is a response.
type page struct {
	*site
	status int
	header http.Header
	body   string
	doc    *goquery.Document
}

func (b *browser) get(path string) page  { b.Helper(); return b.do(http.MethodGet, path, nil) }
func (b *browser) head(path string) page { b.Helper(); return b.do(http.MethodHead, path, nil) }

// post sends a form of names and values.
func (b *browser) post(path string, pairs ...string) page {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

func (b *browser) do(method, path string, form url.Values) page {
	b.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(b.Context(), method, b.url+path, body)
	b.must(err)
	maps.Copy(req.Header, b.header)
	if form != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if host := b.header.Get("Host"); host != "" {
		req.Host = host
	}
	return b.send(req)
}

func (b *browser) send(req *http.Request) page {
	b.Helper()
	res, err := b.client.Do(req)
	b.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	b.must(err)
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(text)))
	b.must(err)
	return page{b.site, res.StatusCode, res.Header, string(text), doc}
}

// is checks the status.
func (p page) is(status int) page {
	p.Helper()
	if p.status != status {
		p.Fatalf("status: got %d, want %d; the page:\n%s", p.status, status, p.body)
	}
	return p
}

// to checks a redirect.
func (p page) to(location string) page {
	p.Helper()
	if got := p.header.Get("Location"); got != location {
		p.Fatalf("location: got %q, want %q", got, location)
	}
	return p
}

// has checks the number of elements that a selector finds.
func (p page) has(selector string, want int) page {
	p.Helper()
	if got := p.doc.Find(selector).Length(); got != want {
		p.Fatalf("%s: found %d times, want %d; the page:\n%s", selector, got, want, p.body)
	}
	return p
}

// value returns the value of the form field with this name.
func (p page) value(name string) string {
	p.Helper()
	return p.doc.Find(`input[name="`+name+`"]`).AttrOr("value", "")
}

// open follows a link of a mail to its form.
func (b *browser) open(link string) page {
	b.Helper()
	b.get(link).is(http.StatusSeeOther).to("/password-reset/confirm")
	return b.get("/password-reset/confirm").is(http.StatusOK)
}

// choose sends the form of an opened link.
func (b *browser) choose(form page, plain, again string) page {
	b.Helper()
	return b.post("/password-reset/confirm", "reset", form.value("reset"), "new_password", plain, "confirm_password", again)
}

// signsIn reports whether an address and a password sign in.
func (s *site) signsIn(email, plain string) bool {
	s.Helper()
	return s.browser().post("/login", "email", email, "password", plain).status == http.StatusSeeOther
}

// resets returns all rows, newest first.
func (s *site) resets() []reset.Reset {
	s.Helper()
	return testkit.Resets(s, s.app.store, history.Filter{}, s.clock.Now())
}

// absolute posts a known address with the given request line.
func (s *site) absolute(line string) {
	s.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	s.must(err)
	defer func() { _ = conn.Close() }()
	const body = "email=user%40example.org"
	_, err = fmt.Fprintf(conn, "%s\r\nHost: evil.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s",
		line, len(body), body)
	s.must(err)
	answer, err := io.ReadAll(conn)
	s.must(err)
	if !strings.HasPrefix(string(answer), "HTTP/1.1 303") {
		s.Fatalf("%s: got %s", line, answer)
	}
}
