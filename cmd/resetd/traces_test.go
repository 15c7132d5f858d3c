package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"resetd/internal/config"
	"resetd/internal/testkit"
	"resetd/internal/testkit/smtpsink"
)

// collector is a collector of OpenTelemetry that keeps the spans, as JSON.
type collector struct {
	*httptest.Server
	mu    sync.Mutex
	spans bytes.Buffer
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var sent tracepb.TracesData
		if err := proto.Unmarshal(body, &sent); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		text, _ := protojson.Marshal(&sent)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.spans.Write(text)
	}))
	t.Cleanup(c.Close)
	return c
}

// A trace shows the request, its statements and the stages of the email, and no secret.
func TestTracesShowStagesAndNoSecret(t *testing.T) {
	testkit.EachDatabase(t, func(t *testing.T, db testkit.Database) {
		c := newCollector(t)
		s := newSite(t, db, func(v *config.Settings, _ *config.Secrets) { v.TracesURL = c.URL })
		stop := s.working()
		s.user("user@example.org")
		link := s.ask("user@example.org")
		s.browser().Get(link)
		s.settled()
		stop()
		s.app.tracer.Close()
		c.mu.Lock()
		defer c.mu.Unlock()
		text := c.spans.String()
		for _, want := range []string{"POST /password-reset", "GET /password-reset/confirm/:token", "record get", "email reset_link", "RCPT", "end of the text"} {
			if !bytes.Contains(c.spans.Bytes(), []byte(want)) {
				t.Errorf("no %q in:\n%s", want, text)
			}
		}
		for _, secret := range []string{"user@", link[len("/password-reset/confirm/"):], "127.0.0.1"} {
			if bytes.Contains(c.spans.Bytes(), []byte(secret)) {
				t.Errorf("the traces contain %q", secret)
			}
		}
	})
}

// The line of an email, and that of an outage, lead to the trace of its session.
func TestLinesAboutEmailsHaveTheTraceThatTheCollectorGets(t *testing.T) {
	c := newCollector(t)
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}, func(v *config.Settings, _ *config.Secrets) { v.TracesURL = c.URL })
	s.sink.Add(smtpsink.Rule{At: smtpsink.Mail, Code: 451, Text: "try later"})
	stop := s.working()
	s.user("user@example.org")
	s.browser().Post("/password-reset", "email", "user@example.org")
	s.eventually("the email is deferred", func() bool { return strings.Contains(s.log.String(), `"msg":"email deferred"`) })
	stop()
	s.app.tracer.Close()
	for _, what := range []string{"email deferred", "mail server is unavailable, emails wait"} {
		found := regexp.MustCompile(`"msg":"` + what + `".*"trace_id":"([0-9a-f]{32})"`).FindStringSubmatch(s.log.String())
		if found == nil {
			t.Errorf("no line %q with a trace in:\n%s", what, s.log.String())
			continue
		}
		id, _ := hex.DecodeString(found[1])
		c.mu.Lock()
		if in := base64.StdEncoding.EncodeToString(id); !strings.Contains(c.spans.String(), in) {
			t.Errorf("the collector got no trace %s:\n%s", in, c.spans.String())
		}
		c.mu.Unlock()
	}
}

func TestWithoutACollectorThereAreNoTraces(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)})
	if s.app.tracer != nil {
		t.Error("there is a tracer")
	}
}
