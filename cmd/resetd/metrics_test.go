package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/loopback"
	"resetd/internal/testkit/smtpsink"
)

// metrics returns the page that Prometheus reads.
func (s *site) metrics() string {
	s.Helper()
	s.app.watch()
	w := httptest.NewRecorder()
	s.app.metrics.Handler().ServeHTTP(w, httptest.NewRequestWithContext(s.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		s.Fatalf("status %d:\n%s", w.Code, w.Body)
	}
	return w.Body.String()
}

// counted waits until the metrics have these lines: an outcome is counted just after it is
// stored.
func (s *site) counted(lines ...string) {
	s.Helper()
	for _, line := range lines {
		text := ""
		for began := time.Now(); !strings.Contains(text, "\n"+line+"\n"); time.Sleep(5 * time.Millisecond) {
			if text = s.metrics(); time.Since(began) > 20*time.Second {
				s.Fatalf("no line %q in:\n%s", line, text)
			}
		}
	}
}

func TestMetricsOfAReset(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		s.browser().Post("/password-reset", "email", "nobody@example.org").Is(http.StatusSeeOther)
		s.settled()
		b := s.browser().With("User-Agent", testkit.Visitor.Agent)
		b.Choose(b.OpenLink(link), newPassword, newPassword).Is(http.StatusSeeOther)
		s.browser().Get(link)
		s.mails()
		s.browser().Get("/no-such-page")
		s.counted(
			`resetd_resets_total{outcome="requested"} 2`,
			`resetd_resets_total{outcome="matched"} 1`,
			`resetd_resets_total{outcome="withheld_no_account"} 1`,
			`resetd_resets_total{outcome="used"} 1`,
			`resetd_resets_total{outcome="failed"} 0`,
			`resetd_mails_total{kind="reset_link",outcome="sent"} 1`,
			`resetd_mails_total{kind="password_changed",outcome="sent"} 1`,
			`resetd_mail_server_replies_total{class="2xx",stage="end of the text"} 2`,
			`resetd_http_requests_total{method="POST",route="/password-reset",status="303"} 2`,
			`resetd_http_requests_total{method="GET",route="none",status="404"} 1`,
			`resetd_batch_rows_count{writer="requests"} 2`,
			`resetd_ready 1`, `resetd_mail_server_up 1`, `resetd_queue_read 1`, `resetd_queue_unsettled 0`, `resetd_queue_oldest_seconds 0`,
			`resetd_hashes_waiting 0`, `resetd_hashes_waiting_limit 200`, `resetd_claims_unsettled 0`, `resetd_requests_waiting 0`,
		)
		for _, series := range []string{`resetd_hash_seconds_count`, `resetd_database_seconds_count{database="record",operation="commit"}`, `resetd_build_info{`, `resetd_database_connections{`} {
			if !strings.Contains(s.metrics(), "\n"+series) {
				t.Errorf("no series %s", series)
			}
		}
	})
}

// Whoever may read the metrics learns nothing about a person.
func TestMetricsNameNobody(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		link := s.ask("user@example.org")
		s.browser().Get(link)
		s.browser().Get("/user@example.org?email=user@example.org")
		s.browser().Post("/login", "email", "user@example.org", "password", "wrong")
		text := s.metrics()
		for _, secret := range []string{"user@", "127.0.0.1", strings.TrimPrefix(link, "/password-reset/confirm/"), "example.org", testkit.Visitor.Agent} {
			if strings.Contains(text, secret) {
				t.Errorf("the metrics contain %q", secret)
			}
		}
	})
}

func TestMetricsOfLimitsAndLocks(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		for range 3 {
			s.from("203.0.113.1").Post("/login", "email", "user@example.org", "password", "wrong")
			s.browser().Post("/password-reset", "email", "user@example.org")
		}
		s.counted(
			`resetd_sign_in_locks_total{scope="network"} 1`,
			`resetd_limits_reached_total{limit="sign-in from"} 1`,
			`resetd_limits_reached_total{limit="request for"} 1`,
			`resetd_resets_total{outcome="requested"} 3`,
			`resetd_resets_total{outcome="withheld_throttled"} 1`,
		)
	}, limits("2/1h", "60/1h", "30/1h", "2/15m"))
}

func TestMetricsOfAMailServerThatRefuses(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		s.sink.Add(smtpsink.Rule{At: smtpsink.Rcpt, Code: 451, Text: "try later"})
		s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
		s.eventually("the attempt", func() bool { return strings.Contains(s.metrics(), `outcome="deferred"`) })
		s.clock.Add(5 * time.Minute)
		s.counted(
			`resetd_mail_server_replies_total{class="4xx",stage="RCPT"} 1`,
			`resetd_mails_total{kind="reset_link",outcome="deferred"} 1`,
			`resetd_queue_unsettled 1`, `resetd_queue_oldest_seconds 300`,
		)
	})
}

func TestMetricsOfVisitorsThatAreNotKnown(t *testing.T) {
	eachSite(t, func(s *site) {
		s.from("203.0.113.9").Get("/password-reset")
		s.from("unknown").Get("/password-reset")
		s.from("203.0.113.9, nonsense").Get("/login")
		s.browser().Get("/login") // past the proxy, or the proxy does not send the header
		s.browser().Get("/healthz")
		s.counted(`resetd_visitors_unidentified_total 3`)
	}, behindProxy)
}

// A frozen database must not keep Prometheus from reading everything else.
func TestMetricsWithoutTheDatabase(t *testing.T) {
	s, line := frozenSite(t)
	line.Freeze()
	defer line.Thaw()
	text := s.metrics()
	if !strings.Contains(text, "\nresetd_queue_read 0\n") || strings.Contains(text, "\nresetd_queue_due ") || !strings.Contains(text, "\nresetd_build_info{") {
		t.Errorf("got:\n%s", text)
	}
}

func TestServeAnswersPrometheusOnItsOwnListener(t *testing.T) {
	addr, err := loopback.FreeAddr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := launch(t, map[string]string{"RESETD_DATABASE_URL": testkit.SQLite(t), "RESETD_METRICS_ADDR": addr}, "serve")
	if text := p.Get("http://" + addr + "/metrics").Is(http.StatusOK).Body; !strings.Contains(text, "resetd_ready 1") {
		t.Errorf("got:\n%s", text)
	}
	p.Get("/metrics").Is(http.StatusNotFound) // for visitors
}
