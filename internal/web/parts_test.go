package web

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
)

type slowView struct {
	Page
	slow func() (string, error)
}

func (v slowView) Slow() (string, error) { return v.slow() }

// partsServer serves a page whose second part comes from slow, behind the session's
// writer, as in the service.
func partsServer(t *testing.T, slow func(send func()) (string, error)) *httptest.Server {
	t.Helper()
	r, err := overridden(t, "password_change_done.html", `{{define "title"}}t{{end}}{{define "main"}}<p>first</p>{{.Slow}}{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	engine := gin.New()
	engine.GET("/", r.Handle(func(c *gin.Context) error {
		parts := NewParts(c)
		view := slowView{r.Page(c), func() (string, error) { return slow(parts.Send) }}
		return parts.HTML(r, "password_change_done.html", view)
	}))
	s := httptest.NewServer(WithSession(scs.New(), engine))
	t.Cleanup(s.Close)
	return s
}

func TestFirstPartArrivesBeforeTheRestIsMade(t *testing.T) {
	seen := make(chan struct{})
	s := partsServer(t, func(send func()) (string, error) {
		send()
		<-seen
		return "the rest", nil
	})
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body := bufio.NewReader(res.Body)
	for line := ""; !strings.Contains(line, "first"); {
		if line, err = body.ReadString('>'); err != nil {
			t.Fatal(err)
		}
	}
	if got := res.Header.Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("got %q", got)
	}
	close(seen)
	rest, err := io.ReadAll(body)
	if err != nil || !strings.Contains(string(rest), "the rest") || !strings.HasSuffix(strings.ToLower(string(rest)), "</html>\n") {
		t.Errorf("got %q, %v", rest, err)
	}
}

func TestFailureBeforeTheFirstPartIsAnErrorPage(t *testing.T) {
	s := partsServer(t, func(func()) (string, error) { return "", errors.New("broken") })
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "first") {
		t.Errorf("got %d %q, %v", res.StatusCode, body, err)
	}
}

// A browser must not take a part for the whole page.
func TestFailureAfterTheFirstPartBreaksOff(t *testing.T) {
	s := partsServer(t, func(send func()) (string, error) {
		send()
		return "", errors.New("broken")
	})
	res, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("got %q as a whole page", body)
	}
}
