package web

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/gin-gonic/gin"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func posted(query, kind, body string) *gin.Context {
	w := httptest.NewRecorder()
	c, _ := gin.CreateTestContext(w)
	c.Request = httptest.NewRequest(http.MethodPost, "/x"+query, strings.NewReader(body))
	c.Request.Header.Set("Content-Type", kind)
	c.Request.Body = http.MaxBytesReader(w, c.Request.Body, MaxBody)
	return c
}

func TestForm(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		query, kind, body string
		want              map[string]string
		err               error
	}{
		"all":                       {"", form, "a=1&b=2", map[string]string{"a": "1", "b": "2"}, nil},
		"without the optional":      {"", form, "a=1", map[string]string{"a": "1"}, nil},
		"with a charset":            {"", form + "; charset=utf-8", "a=1", map[string]string{"a": "1"}, nil},
		"one that nobody asked for": {"?c=3", form, "a=1&d=4", map[string]string{"a": "1"}, nil},
		"empty":                     {"", form, "a=", map[string]string{"a": ""}, nil},
		"missing":                   {"", form, "b=2", nil, ErrBadRequest},
		"twice":                     {"", form, "a=1&a=2", nil, ErrBadRequest},
		"the optional twice":        {"", form, "a=1&b=1&b=2", nil, ErrBadRequest},
		"in the query":              {"?a=1", form, "b=2", nil, ErrBadRequest},
		"in query and body":         {"?a=1", form, "a=1", nil, ErrBadRequest},
		"as a list beside it":       {"", form, "a=1&a[]=2", nil, ErrBadRequest},
		"the optional as a list":    {"", form, "a=1&b[x]=2", nil, ErrBadRequest},
		"the optional in the query": {"?b=1", form, "a=1", nil, ErrBadRequest},
		"an array":                  {"", form, "a[]=1", nil, ErrBadRequest},
		"NUL":                       {"", form, "a=%00", nil, ErrBadRequest},
		"no UTF-8":                  {"", form, "a=%ff", nil, ErrBadRequest},
		"a broken escape":           {"", form, "a=%zz", nil, ErrBadRequest},
		"JSON":                      {"", "application/json", `{"a":1}`, nil, ErrBadRequest},
		"several parts":             {"", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--", nil, ErrBadRequest},
		"no type":                   {"", "", "a=1", nil, ErrBadRequest},
		"too long":                  {"", form, "a=" + strings.Repeat("x", MaxBody), nil, ErrTooLarge},
		"too many fields":           {"", form, strings.Repeat("a&", MaxBody/2-1), nil, ErrBadRequest},
	} {
		got, err := Form(posted(c.query, c.kind, c.body), []string{"a"}, "b")
		if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%s: got %v, want %v (-want +got)\n%s", name, err, c.err, diff)
		}
	}
}

// A phone on a bad line sends nothing wrong: it only takes too long.
func TestSlowFormIsNotCalledWrong(t *testing.T) {
	c := posted("", "application/x-www-form-urlencoded", "")
	c.Request.Body = io.NopCloser(iotest.ErrReader(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}))
	if _, err := Form(c, []string{"a"}); !errors.Is(err, ErrSlow) || Status(err) != http.StatusRequestTimeout {
		t.Errorf("got %v, status %d, want %v", err, Status(err), ErrSlow)
	}
}

func TestLocalPathStaysOnTheSite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringOf(rapid.SampledFrom([]rune("/\\.:@evil?#%\t\n \u00a0a"))).Draw(t, "path")
		got := LocalPath(path)
		if got == "" {
			return
		}
		if got != path || !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\t\n ") {
			t.Fatalf("%q is accepted as local", path)
		}
	})
}

func TestAgentIsOneShortLine(t *testing.T) {
	for agent, want := range map[string]string{
		"Firefox":                        "Firefox",
		" a\tb\r\nc\x00d ":               "a b  c d",
		"\x1b[31mred":                    "[31mred",
		"\xffbroken":                     "?broken",
		strings.Repeat("x", maxAgent+9):  strings.Repeat("x", maxAgent),
		strings.Repeat("x", 399) + "äöü": strings.Repeat("x", 399),
	} {
		if got := cleanAgent(agent); got != want {
			t.Errorf("%q: got %q, want %q", agent, got, want)
		}
	}
}
