package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"resetd/internal/config"
	"resetd/internal/password"
	"resetd/internal/reset"
	"resetd/internal/staff"
	"resetd/internal/testkit"
)

func TestDatabaseOutageGives503(t *testing.T) {
	proxy := testkit.NewLine(t, testkit.Postgres(t))
	s := newSite(t, testkit.Database{Name: "postgres", URL: proxy.URL}).work()
	s.db.URL = proxy.Direct
	a := s.user("user@example.org")
	b, arno := s.browser(), s.member("arno", staff.Agent)
	b.login("user@example.org", oldPassword).Is(http.StatusSeeOther)
	proxy.Cut()
	arno.act(a.ID, "users_disable", "she called").Is(http.StatusServiceUnavailable).Shows("main pre", "she called")
	p := s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusServiceUnavailable)
	if p.Header.Get("Retry-After") == "" || p.Find("h1").Length() != 1 {
		s.Errorf("want an error page with Retry-After, got:\n%s", p.Body)
	}
	b.Get("/login").Is(http.StatusServiceUnavailable)
	s.ready(false)
	s.browser().Get("/healthz").Is(http.StatusOK)
	s.browser().Get("/password-reset").Is(http.StatusOK)
	proxy.Restore()
	s.ready(true)
	s.ask("user@example.org")
	b.Get("/password-change").Is(http.StatusOK)
}

// A database that is closed for maintenance refuses connections with an error of its own.
func TestRefusedConnectionsGive503(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}).work()
	other := testkit.Database{Name: "postgres", URL: testkit.Postgres(t)}
	name := s.db.Text(t, `SELECT current_database()`)
	other.SQL(t, `ALTER DATABASE `+name+` ALLOW_CONNECTIONS false`, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '`+name+`'`)
	p := s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusServiceUnavailable)
	if p.Header.Get("Retry-After") == "" || p.Find("h1").Length() != 1 {
		s.Errorf("want an error page with Retry-After, got:\n%s", p.Body)
	}
	s.ready(false)
	other.SQL(t, `ALTER DATABASE `+name+` ALLOW_CONNECTIONS true`)
	s.ready(true)
	s.user("user@example.org")
	s.ask("user@example.org")
}

func TestFullHashQueueGives503ForEveryAddress(t *testing.T) {
	eachSite(t, func(s *site) {
		s.user("user@example.org")
		busy, release := context.WithCancel(s.Context())
		defer release()
		s.fillQueue(busy)
		var first string
		for _, email := range []string{"user@example.org", "nobody@example.org"} {
			p := s.browser().login(email, oldPassword).Is(http.StatusServiceUnavailable)
			if p.Header.Get("Retry-After") == "" {
				s.Error("no Retry-After")
			}
			body := strings.ReplaceAll(p.Body, p.Header.Get("X-Request-Id"), "")
			if first != "" && body != first {
				s.Errorf("%s: the answer differs", email)
			}
			first = body
		}
		s.browser().Get("/password-reset").Is(http.StatusOK)
	}, func(v *config.Settings, _ *config.Secrets) {
		v.HashWorkers, v.HashQueue, v.HashMemory, v.HashPasses = "1", "100", "64", "60"
	})
}

// fillQueue starts sign-ins until one is refused.
func (s *site) fillQueue(ctx context.Context) {
	s.Helper()
	refused := make(chan struct{})
	for range 60 {
		go func() {
			_, err := s.app.hasher.Verify(ctx, password.ForSignIn, "", "x")
			if errors.Is(err, password.ErrBusy) {
				select {
				case refused <- struct{}{}:
				case <-ctx.Done():
				}
			}
		}()
	}
	<-refused
}

func TestErrorPageHasNoStackTrace(t *testing.T) {
	eachSite(t, func(s *site) {
		b, form := s.opened("user@example.org")
		s.db.SQL(s.T, `ALTER TABLE users RENAME COLUMN name TO nickname`)
		p := b.Choose(form, newPassword, newPassword).Is(http.StatusServiceUnavailable)
		if strings.Contains(p.Body, "SELECT") || strings.Contains(p.Body, "nickname") || strings.Contains(p.Body, "goroutine") {
			s.Errorf("the page contains internal details:\n%s", p.Body)
		}
		if !strings.Contains(p.Body, p.Header.Get("X-Request-Id")) || !strings.Contains(s.log.String(), p.Header.Get("X-Request-Id")) {
			s.Error("page and log do not contain the same request id")
		}
		if !strings.Contains(s.log.String(), "name") {
			s.Errorf("the log does not name the column:\n%s", s.log)
		}
	})
}

func TestPanicGivesAnErrorPage(t *testing.T) {
	s := newSite(t, testkit.Database{Name: "sqlite", URL: testkit.SQLite(t)}).work()
	w := httptest.NewRecorder()
	s.app.engine.GET("/panic", func(*gin.Context) { panic("a secret reason") })
	s.app.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/panic", nil))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "a secret reason") {
		t.Errorf("got %d:\n%s", w.Code, w.Body)
	}
	if strings.Contains(s.log.String(), "a secret reason") {
		t.Error("the panic's value is in the log")
	}
}

// Each of the two limits takes one round trip, the rows one.
func TestRequestTakesAtMostThreeRoundTrips(t *testing.T) {
	line := testkit.NewLine(t, testkit.Postgres(t))
	s := newSite(t, testkit.Database{Name: "postgres", URL: line.URL}, limits("5/1h", "60/1h", "30/1h", "20/15m"))
	s.user("user@example.org")
	ask := func(email string) { s.browser().Post("/password-reset", "email", email).Is(http.StatusSeeOther) }
	for range 4 { // every writer prepares its statements
		ask("first@example.org")
	}
	for _, email := range []string{"user@example.org", "nobody@example.org"} {
		before := line.RoundTrips()
		ask(email)
		if got := line.RoundTrips() - before; got < 1 || got > 3 {
			t.Errorf("%s: %d round trips, want at most 3", email, got)
		}
	}
}

// A forged link must cost no query, and a dead link no hash.
func TestLinkIsCheckedBeforeHashing(t *testing.T) {
	eachSite(t, func(s *site) {
		b, form := s.opened("user@example.org")
		s.clock.Add(time.Hour)
		busy, release := context.WithCancel(s.Context())
		defer release()
		s.fillQueue(busy)
		b.Choose(form, newPassword, newPassword).Is(http.StatusGone)
	}, func(v *config.Settings, _ *config.Secrets) {
		v.HashWorkers, v.HashQueue, v.HashMemory, v.HashPasses = "1", "100", "64", "60"
	})
}

func TestOldResetsArePurgedDaily(t *testing.T) {
	eachSite(t, func(s *site) {
		s.browser().Post("/password-reset", "email", "nobody@example.org").Is(http.StatusSeeOther)
		s.settled()
		var purged time.Time
		s.clock.Add(47 * time.Hour)
		s.app.sweepOnce(s.Context(), &purged)
		if len(s.resets()) != 1 {
			s.Error("a newer reset was removed")
		}
		s.clock.Add(2 * time.Hour)
		s.app.sweepOnce(s.Context(), &purged)
		if len(s.resets()) != 1 {
			s.Error("the purge ran twice on the same day")
		}
		s.clock.Add(22 * time.Hour)
		s.app.sweepOnce(s.Context(), &purged)
		if len(s.resets()) != 0 {
			s.Error("an old reset was not removed")
		}
		s.stored(`SELECT CAST(sum(requested) AS text) FROM reset_hours`, "1")
	}, func(v *config.Settings, _ *config.Secrets) { v.Retention = "2d" })
}

// /readyz must not wait for the database: its time would show how busy that is.
func TestReadyzIsNotMeasurable(t *testing.T) {
	eachSite(t, func(s *site) {
		s.ready(true)
		held, release := make(chan struct{}), make(chan struct{})
		done := make(chan error, 1)
		go func() {
			done <- s.app.store.InTx(s.Context(), func(reset.Tx) error { close(held); <-release; return nil })
		}()
		<-held // SQLite's only connection is taken now
		p := s.browser().Get("/readyz")
		close(release)
		s.must(<-done)
		if p.Status != http.StatusOK || p.Body != "ok\n" {
			s.Errorf("status %d, %q", p.Status, p.Body)
		}
	})
}
