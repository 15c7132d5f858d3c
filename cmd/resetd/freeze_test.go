package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"resetd/internal/testkit"
	"resetd/internal/testkit/webtest"
)

// frozenSite is a site whose database can stop answering without closing its
// connections.
func frozenSite(t *testing.T) (*site, *testkit.Line) {
	t.Helper()
	line := testkit.NewLine(t, testkit.Postgres(t))
	s := newSite(t, testkit.Database{Name: "postgres", URL: line.URL}, limits("5/1h", "60/1h", "30/1h", "20/15m")).work()
	s.db.URL = line.Direct
	return s, line
}

// hurried is a request whose time limit is short.
func (s *site) hurried(method, path string, cookies []*http.Cookie, fields ...string) *http.Request {
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	ctx, cancel := context.WithTimeout(s.Context(), 200*time.Millisecond)
	s.Cleanup(cancel)
	r := httptest.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", s.url)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// answers handles requests at the same time. It fails if one gets no answer.
func (s *site) answers(all []*http.Request) (answers []*httptest.ResponseRecorder) {
	s.Helper()
	done := make(chan *httptest.ResponseRecorder, len(all))
	for _, r := range all {
		go func() {
			w := httptest.NewRecorder()
			s.app.handler.ServeHTTP(w, r)
			done <- w
		}()
	}
	for range all {
		select {
		case w := <-done:
			answers = append(answers, w)
		case <-time.After(time.Minute):
			s.Fatalf("%d of %d requests got an answer", len(answers), len(all))
		}
	}
	return answers
}

// A statement, a prepared one, the begin of a transaction, and a new connection all
// have to end.
func TestFrozenDatabaseGives503(t *testing.T) {
	s, line := frozenSite(t)
	b := s.signedIn("user@example.org")
	form := b.OpenLink(s.ask("user@example.org"))
	s.ready(true)
	cookies := b.Cookies()
	link := slices.DeleteFunc(slices.Clone(cookies), func(c *http.Cookie) bool { return c.Name == "resetd_session" })
	line.Freeze()
	for range 3 {
		var all []*http.Request
		for range 4 { // together more than connections
			all = append(all,
				s.hurried(http.MethodPost, "/password-reset", nil, "email", "user@example.org"),
				s.hurried(http.MethodGet, "/password-change", cookies),
				s.hurried(http.MethodPost, "/login", nil, "email", "user@example.org", "password", oldPassword),
				s.hurried(http.MethodPost, "/password-reset/confirm", link, "reset", form.Field("reset"), "new_password", newPassword, "confirm_password", newPassword))
		}
		for _, w := range s.answers(all) {
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
				t.Errorf("status %d, Retry-After %q, want 503 with it", w.Code, w.Header().Get("Retry-After"))
			}
		}
	}
	s.ready(false)
	line.Thaw()
	s.ready(true)
	s.eventually("the driver to be idle", func() bool { return !strings.Contains(stacks(), "lib/pq") })
	b.Get("/password-change").Is(http.StatusOK)
	s.browser().Post("/password-reset", "email", "user@example.org").Is(http.StatusSeeOther)
}

// stacks returns the stacks of all goroutines.
func stacks() string {
	text := make([]byte, 4<<20)
	return string(text[:runtime.Stack(text, true)])
}

func TestStopWithAFrozenDatabase(t *testing.T) {
	line := testkit.NewLine(t, testkit.Postgres(t))
	p := launch(t, map[string]string{"RESETD_DATABASE_URL": line.URL, "RESETD_SECRET_KEY": aKey}, "serve")
	p.Request("user@example.org") // the writers have prepared statements
	line.Freeze()
	status := make(chan int, 1)
	go func() {
		answer, _ := p.Try(http.MethodPost, "/password-reset", webtest.Form("email", "user@example.org"))
		status <- answer.Status
	}()
	time.Sleep(100 * time.Millisecond) // so that the request is open
	p.stop()
	stopped := time.Now()
	select {
	case exit := <-p.exited:
		p.exited <- exit
		t.Logf("it took %s", time.Since(stopped))
		if got := <-status; exit != 0 || got != http.StatusServiceUnavailable {
			t.Errorf("exit status %d, the open request got %d, want 0 and 503:\n%s", exit, got, p.out.String())
		}
	case <-time.After(10 * time.Second):
		line.Thaw()
		t.Fatal("it does not stop")
	}
}
