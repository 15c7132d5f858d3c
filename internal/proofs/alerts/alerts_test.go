//go:build alerts

package alerts

import (
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"

	"resetd/internal/testkit"
	"resetd/internal/testkit/instance"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/smtpsink"
	"resetd/internal/testkit/webtest"
)

// binary is the built program, the same for all tests.
var binary string

func TestMain(m *testing.M) { os.Exit(instance.Main(m, &binary)) }

// service is the program with everything that can fail.
type service struct {
	*testing.T
	*instance.Instance
	db      testkit.Database
	line    *testkit.Line
	sink    *smtpsink.Sink
	metrics string
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{T: t, db: testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}, sink: smtpsink.Start(t, smtpsink.Options{})}
	s.line = testkit.NewLine(t, s.db.URL)
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.metrics = addr
	testkit.AddUser(t, s.db.Open(t), "user@example.org", testkit.PasswordHash)
	s.Instance, err = instance.Start(t.Context(), binary, map[string]string{
		"RESETD_DATABASE_URL": s.line.URL, "RESETD_SECRET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "RESETD_MAIL_URL": s.sink.URL(),
		"RESETD_METRICS_ADDR": addr, "RESETD_LIMIT_ADDRESS": "0", "RESETD_LIMIT_IP": "0", "RESETD_LIMIT_SIGNIN": "0", "RESETD_LIMIT_SIGNIN_ACCOUNT": "0",
		"RESETD_LIMIT_LINK": "0", "RESETD_HASH_QUEUE": "100", "RESETD_HASH_WORKERS": "1",
	}, "serve")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s
}

// post sends a form. It may fail, because the test breaks the service.
func (s *service) post(path string, pairs ...string) {
	_, _ = webtest.New(s.T, s.URL).Try(http.MethodPost, path, webtest.Form(pairs...))
}

// link returns a new link.
func (s *service) link() string {
	s.Helper()
	n := len(s.sink.Messages())
	s.post("/password-reset", "email", "user@example.org")
	for ; ; n++ { // the notice about the link before may come first
		if link := s.sink.Wait(s.T, n+1)[n].Link("/password-reset/confirm/"); link != "" {
			return link
		}
	}
}

// together calls f many times at once.
func together(n int, f func()) {
	var all sync.WaitGroup
	for range n {
		all.Go(f)
	}
	all.Wait()
}

func TestRulesAreValid(t *testing.T) {
	if out, err := exec.CommandContext(t.Context(), "promtool", "check", "rules", rulesFile).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestEachAlertFires(t *testing.T) {
	s := newService(t)
	p := startPrometheus(t, s.metrics)
	p.until("Prometheus reads the metrics", func() {}, func() bool { return p.hasData(`resetd_ready == 1`) })
	p.quiet()
	link := s.link()

	s.db.SQL(t, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$`,
		`CREATE TRIGGER refuse BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION refuse()`)
	p.fires("ResetdResetsFail", func() { webtest.New(t, s.URL).Use(link, "an otter in the attic") })
	s.db.SQL(t, `DROP TRIGGER refuse ON users`)
	p.quiet()

	p.fires("ResetdHashPoolFull", func() {
		together(150, func() { s.post("/login", "email", "user@example.org", "password", "wrong") })
	})
	p.fires("ResetdStormOfRequests", func() { together(30, func() { s.post("/password-reset", "email", "nobody@example.org") }) })
	p.quiet()

	s.sink.Add(smtpsink.Rule{At: smtpsink.Mail, Code: 451, Text: "try later"})
	s.post("/password-reset", "email", "user@example.org")
	p.fires("ResetdMailServerRefuses", func() {})
	p.fires("ResetdQueueGrows", func() {})
	s.sink.RemoveRules()
	p.quiet()

	s.line.Cut()
	p.fires("ResetdDatabaseUnavailable", func() {})
	s.line.Restore()
	p.quiet()

	s.Kill()
	p.fires("ResetdDown", func() {})
}
